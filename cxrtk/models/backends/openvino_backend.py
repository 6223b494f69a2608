"""OpenVINO backend, on CPUs; imported without its telemetry, which would open a connection on import."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from cxrtk.models.backends.base import BF16, Outputs
from cxrtk.models.backends.program import Program, example, identity, without_noise
from cxrtk.models.model_file import Model
from cxrtk.process.cache import cached_folder, forget

TELEMETRY = "openvino_telemetry"
FILE = "program.xml"


class OpenVinoBackend:
    """Runs a model's network with OpenVINO.

    Args:
        model: The model.
        layer: Name of the module whose output is the features; empty for none.
        precision: ``fp32`` or ``bf16``.

    Raises:
        CheckpointError: The network has no such layer.
        ModuleNotFoundError: OpenVINO is not installed.
    """

    name = "openvino"

    def __init__(self, model: Model, layer: str, precision: str) -> None:
        self.precision = precision
        library = f"openvino {version('openvino')}"
        self._folder = f"programs/{identity(model, layer, library)}"
        self._threads = threading.local()  # an OpenVINO request serves one thread at a time
        with without_telemetry():
            import openvino

            with cached_folder(self._folder, partial(_convert, model, layer)) as folder:
                program = openvino.Core().read_model(folder / FILE)
        self._compiled = openvino.Core().compile_model(
            program,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "bf16" if precision == BF16 else "f32",
                "INFERENCE_NUM_THREADS": torch.get_num_threads(),
                "ENABLE_CPU_PINNING": False,  # otherwise, parallel processes are pinned to the same cores
            },
        )

    def __call__(self, images: torch.Tensor) -> Outputs:
        """Compute the outputs; see `Backend`."""
        request: Any = getattr(self._threads, "request", None)
        if request is None:
            request = self._threads.request = self._compiled.create_infer_request()
        request.infer([images.contiguous().numpy()], share_inputs=True)
        found = [
            torch.from_numpy(request.get_output_tensor(number).data.copy())
            for number in range(len(self._compiled.outputs))
        ]
        return Outputs(*found)

    def forget(self) -> None:
        """Remove the converted program from the cache."""
        forget(self._folder)


@contextmanager
def without_telemetry() -> Iterator[None]:
    """Import OpenVINO as if its telemetry package were not installed, a case that OpenVINO supports."""
    before = sys.modules.get(TELEMETRY, ...)
    sys.modules[TELEMETRY] = None  # type: ignore[assignment]  # importing it then raises ImportError
    try:
        yield
    finally:
        if before is ...:
            del sys.modules[TELEMETRY]
        else:
            sys.modules[TELEMETRY] = before


def _convert(model: Model, layer: str, folder: Path) -> None:
    import openvino

    openvino.save_model(to_openvino(model, layer), folder / FILE, compress_to_fp16=False)


def to_openvino(model: Model, layer: str = "", *, fixed_size: bool = True) -> Any:
    """Convert a model's program to an ``openvino.Model`` for batches of any size.

    Args:
        model: The model.
        layer: Name of the module whose output is the features; empty for none.
        fixed_size: Accept images of the model's size only.
    """
    import openvino

    images = example(model)
    sides = images.shape[2:] if fixed_size else (-1, -1)
    with without_noise(), torch.no_grad():  # traced, since OpenVINO does not fuse norms from `torch.export`
        return openvino.convert_model(
            Program(model, layer).eval(), example_input=images, input=[-1, images.shape[1], *sides]
        )
