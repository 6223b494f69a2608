"""Inference: pixels -> probabilities of each class, on the network's grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from cxrtk.classes import mirrored_order
from cxrtk.models.backends.base import Outputs
from cxrtk.models.backends.choice import load_backend
from cxrtk.models.model_file import Model, ModelSpec
from cxrtk.models.views import MOVE, Pixels, combined, moved, prepare


class Views(NamedTuple):
    """Predictions of a model under test-time augmentation.

    Attributes:
        probabilities: (V, B, C, S, S) of each view: the original, shifted by `MOVE` and shifted back, and
            mirrored and mirrored back.
        features: (B, D) output of one layer for the first view, averaged over its pixels; ``None`` where no
            layer is selected.
    """

    probabilities: torch.Tensor
    features: torch.Tensor | None

    def combined(self) -> npt.NDArray[np.float32]:
        """Return (B, C, S, S) probabilities for the masks; see `combined`."""
        return combined(self.probabilities.numpy())


class Predictor:
    """Runs a model on images of any size.

    Args:
        model: The model.
        device: Device to which the model's network is moved; ``None`` leaves it where it is.
        mirror: Also predict on the mirrored image, for the quality flag; it is not used for masks.
        layer: Name of a module of the network whose output `views` returns as features.
        backend: Name of the backend; see `cxrtk.models.backends.choice.load_backend`.
        precision: Precision of the backend; see `cxrtk.models.backends.choice.load_backend`.

    Raises:
        CheckpointError: The network has no such layer.
        ConfigError: The backend does not exist, is not installed or does not run here.
    """

    def __init__(
        self,
        model: Model,
        device: str | torch.device | None = None,
        *,
        mirror: bool = True,
        layer: str = "",
        backend: str = "",
        precision: str = "",
    ) -> None:
        self.model = model
        self.device = model.device if device is None else torch.device(device)
        self.mirror = mirror
        self.backend = load_backend(model, backend, precision, layer=layer, device=self.device)

    def prepare(self, pixels: Pixels) -> torch.Tensor:
        """Preprocess (H, W) pixels in [0, 1] to the network's input, (1, image_size, image_size)."""
        return prepare(pixels, self.model.spec.image_size)

    def logits(self, prepared: torch.Tensor) -> torch.Tensor:
        """Compute (B, C, S, S) float32 logits from (B, 1, S, S), each class divided by its temperature."""
        return self._outputs(prepared).logits

    def _outputs(self, prepared: torch.Tensor) -> Outputs:
        logits, features = self.backend(prepared.expand(-1, self.model.spec.in_channels, -1, -1))
        return Outputs(logits / _temperature(self.model.spec).to(logits.device), features)

    def views(self, images: Sequence[Pixels]) -> Views:
        """Predict all views of images (H, W) of any sizes.

        For the mirrored view, the right and left channels are swapped when it is mirrored back.
        """
        prepared = torch.stack([self.prepare(image) for image in images])  # (B, 1, S, S)
        logits, features = self._outputs(prepared)
        probabilities = [torch.sigmoid(logits)]
        probabilities.append(moved(torch.sigmoid(self.logits(moved(prepared, MOVE))), -MOVE))
        if self.mirror:
            mirrored = torch.sigmoid(self.logits(prepared.flip(-1))).flip(-1)
            probabilities.append(mirrored[:, mirrored_order(self.model.spec.classes)])
        return Views(torch.stack(probabilities).cpu(), None if features is None else features.cpu())

    def __call__(self, images: Sequence[Pixels]) -> npt.NDArray[np.float32]:
        """Predict (B, C, S, S) float32 probabilities for images (H, W) of any sizes, as used for masks."""
        return self.views(images).combined()


def _temperature(spec: ModelSpec) -> torch.Tensor:
    """Return the temperatures as (C, 1, 1)."""
    return torch.tensor(spec.temperature or (1.0,) * len(spec.classes))[:, None, None]
