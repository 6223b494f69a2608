"""TorchScript, for programs in Python and C++, and for MONAI Label and MONAI Deploy.

torch deprecates it in favour of `torch.export`; it stays because MONAI's tools load it.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cxrtk.models.backends.program import example, without_noise
from cxrtk.models.formats.base import EXTRA_FILE, Loaded
from cxrtk.models.model_file import Model

SUFFIX = ".ts"
TITLE = "TorchScript"
PACKAGES: tuple[str, ...] = ()
EXTRA = ""

DEBUG = ".debug_pkl"  # records with source lines and paths of this machine
OWN = ("version", "byteorder", ".data/", ".format_version", ".storage_alignment")  # written by the writer


def write(model: Model, about: dict[str, Any], multiple: int, path: Path) -> None:
    """Write TorchScript with the description as the extra file `EXTRA_FILE`; see `FileFormat`.

    A network that cannot be scripted is traced; ``made_by`` in the description states this and the reason.
    """
    with without_noise():
        network, made_by = _compiled(model)
        written = BytesIO()
        torch.jit.save(network, written, _extra_files={EXTRA_FILE: json.dumps(about | {"made_by": made_by})})
    written.seek(0)
    _without_origins(written, path)


def load(path: Path) -> Loaded:
    """Read the file with torch; see `FileFormat`."""
    extra = {EXTRA_FILE: ""}
    with without_noise():
        network = torch.jit.load(path, map_location="cpu", _extra_files=extra).eval()

    @torch.no_grad()
    def run(images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = network(images)
        return logits

    return Loaded(run, json.loads(extra[EXTRA_FILE]))


def _compiled(model: Model) -> tuple[nn.Module, str]:
    """Script the network, or else trace one run of it; also return which of the two was done."""
    try:
        return torch.jit.script(model.network.eval()), "torch.jit.script"
    except (RuntimeError, TypeError, NotImplementedError) as error:
        reason = " ".join(str(error).split())[:300]
    with torch.no_grad():
        return torch.jit.trace(model.network, example(model)), f"torch.jit.trace; not scripted: {reason}"


def _without_origins(written: BytesIO, path: Path) -> None:
    """Copy an archive of torch without its records for debugging."""
    reader = torch._C.PyTorchFileReader(written)
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith(DEBUG) and not name.startswith(OWN):
            record = reader.get_record(name)
            writer.write_record(name, record, len(record))
    writer.write_end_of_file()
