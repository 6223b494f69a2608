"""Pixels -> probabilities of each class, on the network's grid."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from cxrtk.classes import mirrored_order
from cxrtk.errors import CheckpointError
from cxrtk.models.model_file import Model, ModelSpec
from cxrtk.models.shrink import shrink
from cxrtk.process.device import cpu_has_bf16

Pixels = npt.NDArray[np.float32]

PERCENTILES = (1, 99)
CENTRE, SPREAD = 0.5, 0.25  # of the values after that


def prepare(pixels: Pixels, image_size: int) -> torch.Tensor:
    """(H, W) in [0, 1] -> (1, image_size, image_size), the numbers that the network was trained on.

    MONAI's ``ScaleIntensityRangePercentiles(1, 99, 0, 1, clip=True)``, ``Resize`` with anti-aliasing and
    ``NormalizeIntensity(0.5, 0.25)``, to a rounding error, in less time on large images.
    """
    low, high = np.percentile(pixels, PERCENTILES)
    if high > low:
        stretched = torch.from_numpy((pixels - np.float32(low)) / np.float32(high - low)).clamp_(0.0, 1.0)
    else:
        stretched = torch.zeros(pixels.shape)  # as MONAI's, which takes the lower bound away
    return (shrink(stretched[None], image_size) - CENTRE) / SPREAD


MOVE = 3  # pixels of the network's grid, down and to the right
UPRIGHT = 2  # the views that masks are made of: a network trained on few images is best on these


class Views(NamedTuple):
    """What a model says of some images.

    Attributes:
        probabilities: (V, B, C, S, S) of each view: the image as it is, moved by `MOVE` and moved back, and
            mirrored and mirrored back.
        features: (B, D) of one layer, for the first view, the mean over its pixels; ``None`` where none is
            asked for.
    """

    probabilities: torch.Tensor
    features: torch.Tensor | None

    def combined(self) -> npt.NDArray[np.float32]:
        """(B, C, S, S): what masks are made of; see `combined`."""
        return combined(self.probabilities.numpy())


def combined(views: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(V, ...) -> (...): the mean of the image as it is and moved, which hides the steps of its grid."""
    mean: npt.NDArray[np.float32] = views[:UPRIGHT].mean(axis=0)
    return mean


class Predictor:
    """Runs a model on images of any size.

    Args:
        model: What to run.
        device: Where; the model's network is moved there. ``None`` for where it is.
        mirror: Look at the mirrored image as well, as a quality flag needs; masks are not made of it.
        layer: Name of a module of the network whose output `views` gives as features.

    Raises:
        CheckpointError: The network has no such layer.
    """

    def __init__(
        self, model: Model, device: str | torch.device | None = None, *, mirror: bool = True, layer: str = ""
    ) -> None:
        self.model = model
        self.device = model.device if device is None else torch.device(device)
        self.mirror = mirror
        self._network = model.network.to(self.device).eval()
        self._kept = threading.local()  # of each thread its own: several may use one predictor
        if layer:
            modules = dict(self._network.named_modules())
            if layer not in modules:
                raise CheckpointError(f"model {model.spec.name}: its network has no layer {layer!r}.")
            modules[layer].register_forward_hook(self._keep_features)

    def prepare(self, pixels: Pixels) -> torch.Tensor:
        """(H, W) in [0, 1] -> (1, image_size, image_size) as the network takes it."""
        return prepare(pixels, self.model.spec.image_size)

    @torch.no_grad()
    def logits(self, prepared: torch.Tensor) -> torch.Tensor:
        """(B, 1, S, S) -> (B, C, S, S) float32, each class divided by its temperature."""
        batch = prepared.to(self.device).expand(-1, self.model.spec.in_channels, -1, -1)
        with self._autocast():
            logits: torch.Tensor = self._network(batch)
        return logits.float() / _temperature(self.model.spec).to(logits.device)

    def views(self, images: Sequence[Pixels]) -> Views:
        """Look at images (H, W) of any sizes.

        Sides are where they lie: for the mirrored view, right and left are exchanged back with it.
        """
        prepared = torch.stack([self.prepare(image) for image in images])  # (B, 1, S, S)
        probabilities = [torch.sigmoid(self.logits(prepared))]
        features: torch.Tensor | None = getattr(self._kept, "features", None)
        probabilities.append(moved(torch.sigmoid(self.logits(moved(prepared, MOVE))), -MOVE))
        if self.mirror:
            mirrored = torch.sigmoid(self.logits(prepared.flip(-1))).flip(-1)
            probabilities.append(mirrored[:, mirrored_order(self.model.spec.classes)])
        return Views(torch.stack(probabilities).cpu(), features)

    def _keep_features(self, _: nn.Module, __: Any, output: torch.Tensor) -> None:
        self._kept.features = output.detach().float().mean(dim=(2, 3)).cpu()

    def __call__(self, images: Sequence[Pixels]) -> npt.NDArray[np.float32]:
        """Images (H, W) of any sizes -> (B, C, S, S) float32 probabilities, as masks are made of."""
        return self.views(images).combined()

    def _autocast(self) -> AbstractContextManager[object]:
        """bfloat16 where the processor computes with it, as in training; half precision on a GPU."""
        if self.device.type == "cuda":
            return torch.autocast("cuda")
        if cpu_has_bf16():
            return torch.autocast("cpu", dtype=torch.bfloat16)
        return nullcontext()


def moved(images: torch.Tensor, pixels: int) -> torch.Tensor:
    """(B, C, H, W) moved down and right, or up and left; the edge is repeated where nothing comes in."""
    height, width = images.shape[-2:]
    margin = abs(pixels)
    padded = nn.functional.pad(images, (margin,) * 4, mode="replicate")
    start = margin - pixels
    return padded[..., start : start + height, start : start + width]


def _temperature(spec: ModelSpec) -> torch.Tensor:
    """(C, 1, 1)."""
    return torch.tensor(spec.temperature or (1.0,) * len(spec.classes))[:, None, None]
