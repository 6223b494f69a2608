"""OpenVINO's own format: the program in ``.xml`` and its weights in ``.bin`` beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from cxrtk.models.backends.openvino_backend import to_openvino, without_telemetry
from cxrtk.models.formats.base import IMAGES, KEY, LOGITS, Loaded
from cxrtk.models.model_file import Model

SUFFIX = ".xml"
TITLE = "OpenVINO"
PACKAGES: tuple[str, ...] = ("openvino",)
EXTRA = "openvino"


def write(model: Model, about: dict[str, Any], multiple: int, path: Path) -> None:
    """Write the program with the description as runtime information `KEY`; see `FileFormat`."""
    with without_telemetry():
        import openvino

        program = to_openvino(model, fixed_size=not multiple)
    program.inputs[0].set_names({IMAGES})
    program.outputs[0].set_names({LOGITS})
    program.set_rt_info(json.dumps(about), [KEY])
    openvino.save_model(program, path, compress_to_fp16=False)


def load(path: Path) -> Loaded:
    """Read the file with OpenVINO, for computation in 32 bits; see `FileFormat`."""
    with without_telemetry():
        import openvino

        program = openvino.Core().read_model(path)
    about = json.loads(program.get_rt_info([KEY]).astype(str))
    compiled = openvino.Core().compile_model(program, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return Loaded(lambda images: torch.from_numpy(compiled([images.contiguous().numpy()])[0].copy()), about)
