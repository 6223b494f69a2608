"""PyTorch backend, on any device."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from cxrtk.models.backends.base import BF16, FP16, FP32, Outputs
from cxrtk.models.backends.program import Program
from cxrtk.models.model_file import Model

TYPES = {BF16: torch.bfloat16, FP16: torch.float16}


class TorchBackend:
    """Runs a model's network with PyTorch, under autocast and channels-last for a precision below ``fp32``.

    Kernels for 16 bits want channels last: on a CPU with AMX the paper's U-Net takes less than half the time,
    and MONAI's `UNet` as long as before (`benchmarks/backends.py --layouts`). In 32 bits the layout stays as
    it is.

    Args:
        model: The model; its network is moved to the device.
        layer: Name of the module whose output is the features; empty for none.
        precision: ``fp32``, ``bf16`` or ``fp16``.
        device: The device.

    Raises:
        CheckpointError: The network has no such layer.
    """

    name = "torch"

    def __init__(self, model: Model, layer: str, precision: str, device: torch.device) -> None:
        self.precision = precision
        self.device = device
        self._layout = torch.contiguous_format if precision == FP32 else torch.channels_last
        self._program = Program(model, layer).eval().to(device)  # the layout of shared weights stays

    @torch.no_grad()
    def __call__(self, images: torch.Tensor) -> Outputs:
        """Compute the outputs; see `Backend`."""
        with self._autocast():
            found = self._program(images.to(self.device, memory_format=self._layout))
        return Outputs(*found) if isinstance(found, tuple) else Outputs(found)

    def _autocast(self) -> AbstractContextManager[object]:
        if self.precision == FP32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=TYPES[self.precision])
