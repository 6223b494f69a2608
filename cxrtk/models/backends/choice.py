"""Choice of a backend for a model on this machine."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

import torch

from cxrtk.errors import ConfigError
from cxrtk.models.backends.base import BF16, FP16, FP32, Backend
from cxrtk.models.backends.onnxruntime_backend import OnnxRuntimeBackend
from cxrtk.models.backends.openvino_backend import OpenVinoBackend
from cxrtk.models.backends.program import identity
from cxrtk.models.backends.soundness import UnsoundError, require_sound
from cxrtk.models.backends.torch_backend import TorchBackend
from cxrtk.models.model_file import Model
from cxrtk.models.probe import probe_images
from cxrtk.process.cache import cached_folder
from cxrtk.process.device import cpu_has_bf16
from cxrtk.process.machine import host, versions

AUTO: Final = "auto"
TORCH: Final = "torch"
CONVERTED: dict[str, Callable[[Model, str, str], OpenVinoBackend | OnnxRuntimeBackend]] = {
    "openvino": OpenVinoBackend,
    "onnxruntime": OnnxRuntimeBackend,
}
PACKAGES = {"openvino": ("openvino",), "onnxruntime": ("onnxruntime", "onnx", "onnxscript")}
NAMES = (AUTO, TORCH, *CONVERTED)
PRECISIONS = (AUTO, FP32, BF16)
BF16_PASSES = ("openvino",)  # masks match those in 32 bits: mean Dice 0.9995, docs/performance.md
NAME_VARIABLE, PRECISION_VARIABLE = "CXRTK_BACKEND", "CXRTK_PRECISION"
BATCH, REPEATS = 4, 3  # for timing: images per batch, and batches, of which the fastest counts

log = logging.getLogger(__name__)


def load_backend(
    model: Model,
    name: str = "",
    precision: str = "",
    *,
    layer: str = "",
    device: torch.device | None = None,
) -> Backend:
    """Load the backend of a model.

    Args:
        model: The model.
        name: ``torch``, ``openvino`` or ``onnxruntime``; ``auto`` for the fastest of the installed backends
            that give correct results, timed once and remembered in the user's cache; empty for
            ``CXRTK_BACKEND``, or ``auto``.
        precision: ``fp32`` or ``bf16``; ``auto`` for ``bf16`` by OpenVINO on CPUs that have it, ``fp16`` on a
            GPU and else ``fp32``; empty for ``CXRTK_PRECISION``, or ``auto``.
        layer: Name of the module whose output is the features; empty for none.
        device: The device; ``None`` for the model's own.

    Raises:
        ConfigError: There is no such backend, it is not installed, or it does not run on the device or in the
            precision.
        UnsoundError: The backend computes other logits than the network.
        CheckpointError: The network has no such layer.
    """
    name = name or os.environ.get(NAME_VARIABLE) or AUTO
    precision = precision or os.environ.get(PRECISION_VARIABLE) or AUTO
    device = model.device if device is None else device
    check_backend(name, precision, device)
    if name == AUTO and (device.type != "cpu" or installed() == [TORCH]):
        name = TORCH
    if name == AUTO:
        return _fastest(model, precision, layer, device)
    return _load(model, name, precision, layer, device)


def check_backend(name: str, precision: str, device: torch.device) -> None:
    """Refuse a backend that cannot run here; see `load_backend`.

    Raises:
        ConfigError: It does not exist, is not installed, or does not run on the device or in the precision.
    """
    if name not in NAMES:
        raise ConfigError(f"--backend {name}: no such backend; use {', '.join(NAMES)}.")
    if precision not in PRECISIONS:
        raise ConfigError(f"--precision {precision}: use {', '.join(PRECISIONS)}.")
    if name in CONVERTED and device.type != "cpu":
        raise ConfigError(f"--backend {name}: runs on CPUs only; use --backend torch for {device}.")
    if name in CONVERTED and (missing := _missing(name)):
        raise ConfigError(
            f"--backend {name}: {', '.join(missing)} not installed; pip install 'cxrtk[{name}]'."
        )
    if precision == BF16 and name == "onnxruntime":
        raise ConfigError(
            "--precision bf16: ONNX Runtime does not support it on CPUs; use --backend openvino or torch."
        )
    if precision == BF16 and device.type == "cpu" and not cpu_has_bf16():
        raise ConfigError("--precision bf16: this CPU does not support it; use --precision fp32.")


def installed() -> list[str]:
    """List the backends whose packages are installed; `torch` always is."""
    return [TORCH, *(name for name in CONVERTED if not _missing(name))]


def _missing(name: str) -> list[str]:
    return [package for package in PACKAGES[name] if importlib.util.find_spec(package) is None]


def _load(model: Model, name: str, precision: str, layer: str, device: torch.device) -> Backend:
    """Load one backend, and check it if it runs a converted program."""
    if name == TORCH:
        return TorchBackend(model, layer, _precision(name, precision, device), device)
    backend = CONVERTED[name](model, layer, _precision(name, precision, device))
    try:
        require_sound(backend, model)
    except UnsoundError:
        backend.forget()  # the next load converts it again, in case the file is damaged
        raise
    return backend


def _precision(name: str, precision: str, device: torch.device) -> str:
    if precision != AUTO:
        return precision
    if device.type != "cpu":
        return FP16
    return BF16 if cpu_has_bf16() and name in BF16_PASSES else FP32


def _fastest(model: Model, precision: str, layer: str, device: torch.device) -> Backend:
    """Load the backend that was the fastest for this model when timed on this machine."""
    packages = {package: version(package) for name in installed()[1:] for package in PACKAGES[name]}
    about = (host()["cpu"], torch.get_num_threads(), precision, versions(), packages)
    name = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]
    timings = f"timings/{identity(model, layer, name)}"
    with cached_folder(timings, partial(_time_all, model, precision, layer, device)) as folder:
        seconds: dict[str, float] = json.loads((folder / "seconds.json").read_text())
    return _load(model, min(seconds, key=seconds.__getitem__), precision, layer, device)


def _time_all(model: Model, precision: str, layer: str, device: torch.device, folder: Path) -> None:
    """Time each backend on a batch, in seconds, and write them to ``seconds.json``."""
    names = [name for name in installed() if not (name == "onnxruntime" and precision == BF16)]
    log.info("Preparing %s for the model %s, once on this machine.", ", ".join(names), model.spec.name)
    images = probe_images(model.spec.in_channels, model.spec.image_size).repeat(BATCH, 1, 1, 1)
    seconds = {}
    for name in names:
        try:
            backend = _load(model, name, precision, layer, device)
        except UnsoundError as error:
            log.warning("%s", error)
            continue
        backend(images)
        seconds[name] = min(_seconds(backend, images) for _ in range(REPEATS))
    (folder / "seconds.json").write_text(json.dumps(seconds))


def _seconds(backend: Backend, images: torch.Tensor) -> float:
    begin = time.perf_counter()
    backend(images)
    return time.perf_counter() - begin
