"""A network and its selected layer as one module with plain outputs, which other libraries can convert."""

from __future__ import annotations

import hashlib
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from cxrtk import __version__
from cxrtk.errors import CheckpointError, ConfigError
from cxrtk.models.model_file import Model

REVISION = 2  # revision of the conversion code; raised on changes, so that programs are converted again


class Program(nn.Module):
    """(B, in_channels, S, S) -> logits, or the pair of logits and features; see `base.Outputs`.

    Args:
        model: The model; its network is used without copying it.
        layer: Name of the module whose output is the features; empty for none.

    Raises:
        CheckpointError: The network has no such layer.
    """

    def __init__(self, model: Model, layer: str = "") -> None:
        super().__init__()
        self.network = model.network
        self.layer = layer
        self._kept = threading.local()  # per thread, since several may share one program
        if layer:
            modules = dict(self.network.named_modules())
            if layer not in modules:
                raise CheckpointError(f"model {model.spec.name}: its network has no layer {layer!r}.")
            modules[layer].register_forward_hook(self._keep)

    def forward(self, images: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Compute the outputs in float32."""
        logits = self.network(images).float()
        return (logits, self._kept.features) if self.layer else logits

    def _keep(self, _: nn.Module, __: Any, output: torch.Tensor) -> None:
        self._kept.features = output.float().mean(dim=(2, 3))


def identity(model: Model, layer: str, library: str) -> str:
    """Return a short digest of everything that a converted program depends on.

    Args:
        model: The model.
        layer: The selected layer.
        library: Name and version of the library that converts it.
    """
    made_by = (str(REVISION), __version__, library, torch.__version__)
    parts = (*made_by, model.sha256, repr(model.network), layer, str(model.spec.image_size))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@contextmanager
def without_noise() -> Iterator[None]:
    """Suppress the converters' warnings, which concern only their own code and torch's."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def example(model: Model) -> torch.Tensor:
    """Return two images of zeros of the model's size, (2, in_channels, S, S)."""
    spec = model.spec
    return torch.zeros(2, spec.in_channels, spec.image_size, spec.image_size)


@torch.no_grad()
def exported(
    model: Model, layer: str = "", multiple: int = 0, cure: str = "use --backend torch"
) -> torch.export.ExportedProgram:
    """Export a model's `Program` for batches of any size, by `torch.export`.

    Args:
        model: The model.
        layer: Name of the module whose output is the features; empty for none.
        multiple: Rows and columns may be any multiple of this number, at least twice the number; 0 fixes them
            to the model's size.
        cure: Remedy for the user if the export fails.

    Raises:
        ConfigError: torch cannot export the network, for example because its control flow depends on values.
    """
    shape: dict[int, Any] = {0: torch.export.Dim("batch")}
    if multiple:
        shape |= {
            axis: multiple * torch.export.Dim(name, min=2) for axis, name in ((2, "rows"), (3, "columns"))
        }
    try:
        return torch.export.export(Program(model, layer).eval(), (example(model),), dynamic_shapes=(shape,))
    except (RuntimeError, ValueError, TypeError, AssertionError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ConfigError(
            f"model {model.spec.name}: its network cannot be converted; {cure}: {reason}"
        ) from error
