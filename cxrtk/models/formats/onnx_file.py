"""ONNX, for ONNX Runtime and any other software that reads ONNX."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import torch

from cxrtk.models.backends.onnxruntime_backend import to_onnx
from cxrtk.models.backends.program import exported
from cxrtk.models.formats.base import IMAGES, KEY, LOGITS, Loaded
from cxrtk.models.model_file import Model

SUFFIX = ".onnx"
TITLE = "ONNX"
PACKAGES: tuple[str, ...] = ("onnx", "onnxscript", "onnxruntime")
EXTRA = "onnxruntime"

AXES = {0: "batch", 2: "rows", 3: "columns"}  # names of the dynamic axes


def write(model: Model, about: dict[str, Any], multiple: int, path: Path) -> None:
    """Write ONNX with the description under `KEY`; see `FileFormat`."""
    program = to_onnx(exported(model, multiple=multiple, cure="add --fixed-size, or use .ts"), [LOGITS])
    drop_origins(program.graph)
    name_axes(program.graph)
    program.doc_string = f"{about['name']}: {about['output']}"
    entry = program.metadata_props.add()
    entry.key, entry.value = KEY, json.dumps(about)
    path.write_bytes(program.SerializeToString(deterministic=True))


def load(path: Path) -> Loaded:
    """Read the file with ONNX Runtime; see `FileFormat`."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    about = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    return Loaded(
        lambda images: torch.from_numpy(session.run(None, {IMAGES: images.contiguous().numpy()})[0]), about
    )


def drop_origins(graph: Any) -> None:
    """Remove the converter's notes on each node, which contain source lines and paths of this machine."""
    for each in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del each.metadata_props[:]


def name_axes(graph: Any) -> None:
    """Name the dynamic axes, which torch numbers: ``32*s30`` becomes ``32*rows``."""
    numbered = graph.input[0].type.tensor_type.shape.dim
    names = {
        found[0]: name
        for axis, name in AXES.items()
        if (found := re.search(r"[a-z]\w*", numbered[axis].dim_param))
    }
    for value in (*graph.value_info, *graph.input, *graph.output):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_param = re.sub(r"[a-z]\w*", lambda at: names.get(at[0], at[0]), dim.dim_param)
