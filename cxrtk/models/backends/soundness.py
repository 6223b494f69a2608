"""Check of a backend against known logits before it is used."""

from __future__ import annotations

import torch

from cxrtk.errors import ConfigError
from cxrtk.models.backends.base import FP32, Backend
from cxrtk.models.model_file import Model
from cxrtk.models.probe import probe_images, probe_logits

# Largest accepted mean and maximum difference of probabilities. Logits in a model file have 11 bits, bf16 8.
EXACT, ROUNDED = (1e-3, 0.01), (0.01, 0.5)


class UnsoundError(ConfigError):
    """A backend computes other logits than the model's network."""


def require_sound(backend: Backend, model: Model) -> None:
    """Compare a backend's logits for the known input with those in the model's file.

    If the model has no such logits, as a run's checkpoint, they are computed with torch.

    Raises:
        UnsoundError: The logits differ by more than rounding.
    """
    channels, size = model.spec.in_channels, model.spec.image_size
    expected = probe_logits(model.network, channels, size) if model.probe is None else model.probe.float()
    found = backend(probe_images(channels, size)).logits[0].float().cpu()
    difference = (torch.sigmoid(found) - torch.sigmoid(expected)).abs()
    mean, largest = float(difference.mean()), float(difference.max())
    allowed = EXACT if backend.precision == FP32 else ROUNDED
    if not (mean <= allowed[0] and largest <= allowed[1]):  # also true for NaN
        raise UnsoundError(
            f"--backend {backend.name}: it computes other probabilities than the model {model.spec.name} on "
            f"this machine (by {mean:.2g} on average, {largest:.2g} at most); use --backend torch."
        )
