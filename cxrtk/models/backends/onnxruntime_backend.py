"""ONNX Runtime backend, on CPUs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from cxrtk.models.backends.base import Outputs
from cxrtk.models.backends.program import exported, identity, without_noise
from cxrtk.models.model_file import Model
from cxrtk.process.cache import cached_folder, forget

FILE = "program.onnx"
IMAGES, LOGITS, FEATURES = "images", "logits", "features"


class OnnxRuntimeBackend:
    """Runs a model's network with ONNX Runtime, in ``fp32``.

    Args:
        model: The model.
        layer: Name of the module whose output is the features; empty for none.
        precision: ``fp32``.

    Raises:
        CheckpointError: The network has no such layer.
        ModuleNotFoundError: ONNX Runtime is not installed, or for the first use of a model, ONNX and ONNX
            Script are not.
    """

    name = "onnxruntime"

    def __init__(self, model: Model, layer: str, precision: str) -> None:
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        self.precision = precision
        library = f"onnxscript {version('onnxscript')}"
        self._folder = f"programs/{identity(model, layer, library)}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        with cached_folder(self._folder, partial(convert, model, layer)) as folder:
            self._session = onnxruntime.InferenceSession(
                (folder / FILE).read_bytes(), options, providers=["CPUExecutionProvider"]
            )

    def __call__(self, images: torch.Tensor) -> Outputs:
        """Compute the outputs; see `Backend`."""
        found = [
            torch.from_numpy(output)
            for output in self._session.run(None, {IMAGES: images.contiguous().numpy()})
        ]
        return Outputs(*found)

    def forget(self) -> None:
        """Remove the converted program from the cache."""
        forget(self._folder)


def convert(model: Model, layer: str, folder: Path) -> None:
    """Write a model's program to the file `FILE` of a folder, in ONNX with named inputs and outputs."""
    outputs = [LOGITS, *([FEATURES] if layer else [])]
    (folder / FILE).write_bytes(to_onnx(exported(model, layer), outputs).SerializeToString())


def to_onnx(program: torch.export.ExportedProgram, outputs: Sequence[str], name: str = IMAGES) -> Any:
    """Convert an exported program to an ``onnx.ModelProto`` with these outputs and an input `name`."""
    with without_noise():
        converted = torch.onnx.export(
            program, dynamo=True, input_names=[name], output_names=outputs, verbose=False
        )
    assert converted is not None
    return converted.model_proto
