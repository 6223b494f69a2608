"""A program exported by `torch.export`; only torch can run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from cxrtk.models.backends.program import exported, without_noise
from cxrtk.models.formats.base import EXTRA_FILE, Loaded
from cxrtk.models.model_file import Model

SUFFIX = ".pt2"
TITLE = "torch.export"
PACKAGES: tuple[str, ...] = ()
EXTRA = ""


def write(model: Model, about: dict[str, Any], multiple: int, path: Path) -> None:
    """Write the program with the description as the extra file `EXTRA_FILE`; see `FileFormat`."""
    program = exported(model, multiple=multiple, cure="add --fixed-size, or use .ts")
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # lines and paths of the code on this machine
    with without_noise():
        torch.export.save(program, path, extra_files={EXTRA_FILE: json.dumps(about)})


def load(path: Path) -> Loaded:
    """Read the file with torch; see `FileFormat`."""
    extra = {EXTRA_FILE: ""}
    network = torch.export.load(path, extra_files=extra).module()

    @torch.no_grad()
    def run(images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = network(images)
        return logits

    return Loaded(run, json.loads(extra[EXTRA_FILE]))
