"""Inference: pixels -> probabilities of each class, on the network's grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from cxrtk.classes import mirrored_order
from cxrtk.data.pixels.percentiles import percentiles
from cxrtk.models.backends.base import Outputs
from cxrtk.models.backends.choice import load_backend
from cxrtk.models.model_file import Model, ModelSpec
from cxrtk.models.shrink import shrink

Pixels = npt.NDArray[np.float32]

PERCENTILES = (1, 99)
ROWS = 32  # of an image that fit into a cache together
CENTRE, SPREAD = 0.5, 0.25  # mean and standard deviation for the normalisation


def prepare(pixels: Pixels, image_size: int) -> torch.Tensor:
    """Preprocess (H, W) pixels in [0, 1] to the network's input, (1, image_size, image_size).

    Equals MONAI's ``ScaleIntensityRangePercentiles(1, 99, 0, 1, clip=True)``, ``Resize`` with anti-aliasing
    and ``NormalizeIntensity(0.5, 0.25)`` up to rounding, but is faster on large images.
    """
    return (shrink(_stretched(pixels)[None], image_size) - CENTRE) / SPREAD


def _stretched(pixels: Pixels) -> torch.Tensor:
    """Stretch (H, W) pixels from their percentiles to [0, 1], clipped, some rows at a time."""
    low, high = percentiles(pixels, PERCENTILES)
    if not high > low:
        return torch.zeros(pixels.shape)  # like MONAI's, which subtracts the lower bound
    stretched = np.empty(pixels.shape, np.float32)
    for start in range(0, len(pixels), ROWS):
        rows = stretched[start : start + ROWS]
        np.subtract(pixels[start : start + ROWS], np.float32(low), out=rows)
        rows /= np.float32(high - low)
        np.clip(rows, 0.0, 1.0, out=rows)
    return torch.from_numpy(stretched)


MOVE = 3  # shift in pixels of the network's grid, down and to the right
UPRIGHT = 2  # number of unmirrored views; masks from these are best for a network trained on few images


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
        """(B, C, S, S) probabilities for the masks; see `combined`."""
        return combined(self.probabilities.numpy())


def combined(views: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Average the original and the shifted view, which reduces grid artefacts: (V, ...) -> (...)."""
    mean: npt.NDArray[np.float32] = views[:UPRIGHT].mean(axis=0)
    return mean


class Predictor:
    """Runs a model on images of any size.

    Args:
        model: The model.
        device: Device to which the model's network is moved; ``None`` leaves it where it is.
        mirror: Predict on the mirrored image too, as the quality flag needs; masks are not made from it.
        layer: Name of a module of the network whose output `views` returns as features.
        backend: Name of the backend; see `cxrtk.models.backends.choice.load_backend`.
        precision: Precision of the backend; see there.

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


def moved(images: torch.Tensor, pixels: int) -> torch.Tensor:
    """Shift (B, C, H, W) down and right, or up and left, repeating the edge."""
    height, width = images.shape[-2:]
    margin = abs(pixels)
    padded = nn.functional.pad(images, (margin,) * 4, mode="replicate")
    start = margin - pixels
    return padded[..., start : start + height, start : start + width]


def _temperature(spec: ModelSpec) -> torch.Tensor:
    """Return the temperatures as (C, 1, 1)."""
    return torch.tensor(spec.temperature or (1.0,) * len(spec.classes))[:, None, None]
