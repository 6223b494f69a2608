"""Description of a model in the header of its file, read without torch."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from cxrtk.errors import CheckpointError

FORMAT = "cxrtk-model-1"
HEADER = "cxrtk"


def describe(path: Path, *, sha256: str = "") -> tuple[dict[str, Any], str]:
    """Read the values of a model's `ModelSpec` and the SHA-256 of its file, without reading the weights.

    Args:
        path: Path of a file written by `cxrtk.models.save_model`.
        sha256: Expected SHA-256 of the file; empty accepts any.

    Raises:
        CheckpointError: The file is missing, damaged, not the expected one, or not a cxrtk model.
    """
    digest = digest_of(path, sha256)
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
    except SafetensorError as error:
        raise CheckpointError(f"model {path} is damaged ({error}).") from error
    return values_of(header.get(HEADER), path), digest


def digest_of(path: Path, sha256: str = "") -> str:
    """Return the SHA-256 of a model file, compared with the expected one if that is given.

    Raises:
        CheckpointError: The file is missing, or not the expected one.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CheckpointError(f"model {path} cannot be read ({error.strerror}).") from error
    if sha256 and digest != sha256:
        raise CheckpointError(
            f"model {path} is not the original file: its SHA-256 is {digest[:12]}..., not "
            f"{sha256[:12]}...; reinstall cxrtk."
        )
    return digest


def values_of(text: str | None, path: Path) -> dict[str, Any]:
    """Parse the description in a model's header.

    Raises:
        CheckpointError: There is none, or it is of another version.
    """
    if text is None:
        raise CheckpointError(
            f"{path}: weights without a description, as of a checkpoint without its run; name a run, "
            "or the file that `cxrtk export` writes of one."
        )
    try:
        values: dict[str, Any] = json.loads(text)
        if values.pop("format") != FORMAT:
            raise ValueError("another version of the format")
        return values | {name: tuple(values[name]) for name in ("classes", "temperature")}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path}: its description cannot be read: {error}.") from error
