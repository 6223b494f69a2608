"""The interface of all backends."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch

FP32, BF16, FP16 = "fp32", "bf16", "fp16"


class Outputs(NamedTuple):
    """Outputs of a network for a batch, on the device of its backend.

    Attributes:
        logits: (B, C, ...) float32 logits.
        features: (B, D) float32 output of the selected layer, averaged over its pixels; ``None`` where no
            layer is selected.
    """

    logits: torch.Tensor
    features: torch.Tensor | None = None


class Backend(Protocol):
    """A loaded network; thread-safe.

    Attributes:
        name: ``torch``, ``openvino`` or ``onnxruntime``.
        precision: Type of the arithmetic: ``fp32``, ``bf16`` or, on a GPU, ``fp16``.
    """

    name: str
    precision: str

    def __call__(self, images: torch.Tensor) -> Outputs:
        """Compute the outputs for (B, in_channels, S, S) float32 images, prepared as in training."""
        ...
