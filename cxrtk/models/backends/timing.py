"""Timing of one model on all backends of this machine, for `cxrtk bench --model`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch

from cxrtk.errors import ConfigError
from cxrtk.models.backends.base import BF16, FP32, Backend
from cxrtk.models.backends.choice import check_backend, installed, load_backend
from cxrtk.models.model_file import Model
from cxrtk.models.probe import probe_images

LEAST = 3  # minimum number of timed batches, however long they take


@dataclass(frozen=True)
class Timed:
    """Speed of one backend in one precision.

    Attributes:
        backend: Name of the backend.
        precision: ``fp32`` or ``bf16``.
        load: Seconds to load the backend; the first time on a machine, this includes converting the network.
        milliseconds: Median time per image in a batch.
        batches: Number of batches timed.
        difference: Largest difference of a probability from torch in ``fp32``, for the known input.
    """

    backend: str
    precision: str
    load: float
    milliseconds: float
    batches: int
    difference: float


def time_backends(
    model: Model, batch_size: int, seconds: float, report: Callable[[float], None] = lambda seconds: None
) -> list[Timed]:
    """Time each installed backend in each precision of this CPU; those that cannot run are left out.

    Args:
        model: The model.
        batch_size: Number of images per batch.
        seconds: Duration per backend and precision.
        report: Called after each batch with the seconds that passed.

    Raises:
        UnsoundError: A backend computes other logits than the network.
    """
    images = probe_images(model.spec.in_channels, model.spec.image_size).repeat(batch_size, 1, 1, 1)
    expected = torch.sigmoid(load_backend(model, "torch", FP32)(images[:1]).logits)
    return [_timed(model, *each, images, expected, seconds, report) for each in runnable()]


def runnable() -> list[tuple[str, str]]:
    """List backends and precisions that run on this CPU; torch in ``fp32`` is the first."""
    found = []
    for name in installed():
        for precision in (FP32, BF16):
            try:
                check_backend(name, precision, torch.device("cpu"))
            except ConfigError:
                continue
            found.append((name, precision))
    return found


def _timed(
    model: Model,
    name: str,
    precision: str,
    images: torch.Tensor,
    expected: torch.Tensor,
    seconds: float,
    report: Callable[[float], None],
) -> Timed:
    begin = time.perf_counter()
    backend = load_backend(model, name, precision)
    load = time.perf_counter() - begin
    found = torch.sigmoid(backend(images).logits[:1])  # warms up as well
    times = _times(backend, images, seconds, report)
    return Timed(
        name,
        precision,
        load,
        median(times) / len(images) * 1000,
        len(times),
        float((found - expected).abs().max()),
    )


def _times(
    backend: Backend, images: torch.Tensor, seconds: float, report: Callable[[float], None]
) -> list[float]:
    times: list[float] = []
    while sum(times) < seconds or len(times) < LEAST:
        begin = time.perf_counter()
        backend(images)
        times.append(time.perf_counter() - begin)
        report(min(times[-1], max(0.0, seconds - sum(times[:-1]))))
    return times
