"""Pixels -> probabilities of each class, on the network's grid."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import numpy.typing as npt
import torch
from monai.transforms.compose import Compose
from monai.transforms.intensity.array import NormalizeIntensity, ScaleIntensityRangePercentiles
from monai.transforms.spatial.array import Resize

from cxrtk.inference.model import Model, ModelSpec
from cxrtk.training import cpu_has_bf16

Pixels = npt.NDArray[np.float32]

PERCENTILES = (1, 99)
CENTRE, SPREAD = 0.5, 0.25  # of the values after that


def preprocessing(image_size: int) -> Compose:
    """(1, H, W) -> (1, image_size, image_size): the same steps as in training, by the same classes."""
    low, high = PERCENTILES
    return Compose(
        [
            ScaleIntensityRangePercentiles(low, high, 0.0, 1.0, clip=True),
            Resize((image_size, image_size), mode="bilinear", anti_aliasing=True),
            NormalizeIntensity(CENTRE, SPREAD),  # type: ignore[arg-type] # a number is fine
        ]
    )


class Predictor:
    """Runs a model on images of any size.

    Args:
        model: What to run.
        device: Where; the model's network is moved there.
        mirror: Average with the prediction for the mirrored image: twice the time.
    """

    def __init__(self, model: Model, device: str | torch.device = "cpu", *, mirror: bool = True) -> None:
        self.model = model
        self.device = torch.device(device)
        self.mirror = mirror
        self._network = model.network.to(self.device).eval()
        self._prepare = preprocessing(model.spec.image_size)

    def prepare(self, pixels: Pixels) -> torch.Tensor:
        """(H, W) in [0, 1] -> (1, image_size, image_size) as the network takes it."""
        prepared = self._prepare(torch.from_numpy(np.ascontiguousarray(pixels))[None])
        image: torch.Tensor = torch.as_tensor(prepared).as_subclass(torch.Tensor)
        return image

    @torch.no_grad()
    def logits(self, prepared: torch.Tensor) -> torch.Tensor:
        """(B, 1, S, S) -> (B, C, S, S) float32, each class divided by its temperature."""
        batch = prepared.to(self.device).expand(-1, self.model.spec.in_channels, -1, -1)
        with self._autocast():
            logits: torch.Tensor = self._network(batch)
        return logits.float() / _temperature(self.model.spec).to(logits.device)

    def views(self, images: Sequence[Pixels]) -> tuple[torch.Tensor, torch.Tensor]:
        """(V, B, C, S, S) probabilities of each view (as it is, then mirrored back), and the images as fed.

        Sides are where they lie: for the mirrored view, right and left are exchanged back with it.
        """
        prepared = torch.stack([self.prepare(image) for image in images])  # (B, 1, S, S)
        views = [torch.sigmoid(self.logits(prepared))]
        if self.mirror:
            mirrored = torch.sigmoid(self.logits(prepared.flip(-1))).flip(-1)
            views.append(mirrored[:, mirrored_order(self.model.spec.classes)])
        return torch.stack(views).cpu(), prepared

    def __call__(self, images: Sequence[Pixels]) -> npt.NDArray[np.float32]:
        """Images (H, W) of any sizes -> (B, C, S, S) float32 probabilities, the mean of the views."""
        return self.views(images)[0].mean(dim=0).numpy()

    def _autocast(self) -> AbstractContextManager[object]:
        """bfloat16 where the processor computes with it, as in training; half precision on a GPU."""
        if self.device.type == "cuda":
            return torch.autocast("cuda")
        if cpu_has_bf16():
            return torch.autocast("cpu", dtype=torch.bfloat16)
        return nullcontext()


def mirrored_order(classes: Sequence[str]) -> list[int]:
    """Which class each one becomes in a mirror."""
    twin = {"right_lung": "left_lung", "left_lung": "right_lung"}
    return [classes.index(twin.get(name, name)) for name in classes]


def _temperature(spec: ModelSpec) -> torch.Tensor:
    """(C, 1, 1)."""
    return torch.tensor(spec.temperature or (1.0,) * len(spec.classes))[:, None, None]
