"""Files with an embedded checksum: written atomically, and verified before loading.

Such a file has the format of `torch.save`, so `torch.load(..., weights_only=True)` reads it too. The SHA-256
of its content is stored in the zip comment after the last record, so that it travels with the file and cannot
get out of step.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cxrtk.data.atomic import replacing

_END = b"PK\x05\x06"  # end record of a zip file, 22 bytes before the comment
_MARK = b"sha256="
_COMMENT = len(_MARK) + 64


class DamagedError(Exception):
    """The content of a file is not what was written; the message describes the damage."""


def write(value: Mapping[str, Any], path: Path, *, durable: bool) -> None:
    """Write `value` to `path` atomically, with its checksum.

    Args:
        value: Tensors, numbers, strings, and lists and mappings of them; NumPy's numbers become Python's.
        path: Path of the file to write or replace.
        durable: Wait until the file is on disk; see `replacing`.

    Raises:
        TypeError: `value` contains another type.
        StorageError: The disk is full; an existing file at `path` is unchanged.
    """
    buffer = io.BytesIO()
    torch.save(plain(value), buffer)
    # Released even if an error keeps this frame, as Python 3.12.1 crashes on collecting it (gh-111049).
    with buffer.getbuffer() as whole:
        if bytes(whole[-22:-18]) != _END:
            raise RuntimeError("torch.save wrote no zip file, or one with a comment.")
        digest = hashlib.sha256(whole[:-2])
        length = _COMMENT.to_bytes(2, "little")
        digest.update(length)
        with replacing(path, durable=durable) as part, part.open("wb") as file:
            file.write(whole[:-2])
            file.write(length + _MARK + digest.hexdigest().encode())


def read(path: Path, map_location: str | torch.device = "cpu") -> dict[str, Any]:
    """Verify a file's checksum, then read it.

    A file not written by `write` has no embedded checksum; there the CRC-32 checksums of the zip records are
    verified.

    Raises:
        OSError: The file is missing or cannot be read.
        DamagedError: The file is damaged, or does not hold a dictionary.
    """
    content = path.read_bytes()
    damage = _damage(content)
    if damage is not None:
        raise DamagedError(damage)
    try:
        loaded: Any = torch.load(io.BytesIO(content), map_location=map_location, weights_only=True)
    except Exception as error:  # torch raises seven types for invalid files
        raise DamagedError(f"{type(error).__name__}: {_first_line(error)}") from error
    if not isinstance(loaded, dict):
        raise DamagedError(f"holds a {type(loaded).__name__}, no dictionary")
    return loaded


def plain(value: Any, where: str = "state") -> Any:
    """Convert `value` to plain containers and Python numbers, which `weights_only` can load.

    Raises:
        TypeError: `value` contains something other than tensors, numbers, strings and containers of these.

    >>> plain({"lr": np.float64(0.5), "steps": (np.int64(3), None)})
    {'lr': 0.5, 'steps': (3, None)}
    """
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    # Subclasses, such as enumerations, could not be loaded again.
    for kind, exact in ((int, int), (float, float), (str, str.__str__)):
        if isinstance(value, kind):
            return exact(value)
    if isinstance(value, torch.Tensor):
        return value.detach().as_subclass(torch.Tensor)
    if isinstance(value, Mapping):
        return {plain(key, where): plain(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [plain(item, f"{where}[{number}]") for number, item in enumerate(value)]
        return items if isinstance(value, list) else tuple(items)
    raise TypeError(f"{where} is a {type(value).__name__}, which such a file cannot hold.")


def _damage(content: bytes) -> str | None:
    """Describe the damage of a file's bytes, before any of them is unpickled."""
    if not content:
        return "0 bytes"
    body, comment = content[:-_COMMENT], content[-_COMMENT:]
    if comment.startswith(_MARK) and body[-22:-18] == _END:
        right = hashlib.sha256(body).hexdigest().encode() == comment[len(_MARK) :]
        return None if right else "its checksum does not fit"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as records:
            bad, end = records.testzip(), len(content) - len(records.comment)
    except Exception as error:  # noqa: BLE001 - zipfile raises eight types for invalid files
        return f"{len(content)} bytes, no whole zip file: {_first_line(error)}"
    if int.from_bytes(content[end - 2 : end], "little") != len(records.comment):
        return f"{len(content)} bytes, no whole zip file: its end is missing"
    return f"the checksum of record {bad} does not fit" if bad else None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "no reason given")
