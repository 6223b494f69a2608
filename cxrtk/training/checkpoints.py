"""Checkpoint files: written whole, with their own checksum inside, and verified before they are loaded.

A checkpoint is what `torch.save` writes, so `torch.load(..., weights_only=True)` and MONAI's
`CheckpointLoader` read it too. After the last record, in the comment that the zip format allows there, stands
the SHA-256 of all that comes before: it travels with the file, and there is no second file to be out of step.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cxrtk.data.atomic import replacing
from cxrtk.errors import CheckpointError

EPOCH_FILE = re.compile(r"checkpoint_epoch=(\d+)\.pt")
_END = b"PK\x05\x06"  # of a zip file, 22 bytes before the comment
_MARK = b"sha256="
_COMMENT = len(_MARK) + 64

logger = logging.getLogger(__name__)


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write `state` to `path`: whole, on the disk when this returns, with a checksum, for `weights_only`.

    Args:
        state: Tensors, numbers, strings, and lists and mappings of them; NumPy's numbers become Python's.
        path: The file to write or replace.

    Raises:
        TypeError: Something else is in `state`.
        StorageError: The disk is full; a file that stood at `path` is as it was.
    """
    buffer = io.BytesIO()
    torch.save(plain(state), buffer)
    whole = buffer.getbuffer()
    if bytes(whole[-22:-18]) != _END:
        raise RuntimeError("torch.save wrote no zip file, or one with a comment of its own.")
    digest = hashlib.sha256(whole[:-2])
    length = _COMMENT.to_bytes(2, "little")
    digest.update(length)
    with replacing(path, durable=True) as part, part.open("wb") as file:
        file.write(whole[:-2])
        file.write(length + _MARK + digest.hexdigest().encode())


def load(path: Path, map_location: str | torch.device = "cpu") -> dict[str, Any]:
    """Verify a checkpoint's checksum, then read it.

    A file that was not written by `save` has no checksum of its own; there the checksums (CRC-32) of the zip
    records are compared.

    Raises:
        CheckpointError: The file is missing, damaged or cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no such checkpoint.") from None
    except OSError as error:
        raise CheckpointError(f"checkpoint {path} cannot be read ({error.strerror}).") from error
    damage = _damage(content)
    if damage is None:
        try:
            loaded: Any = torch.load(io.BytesIO(content), map_location=map_location, weights_only=True)
        except Exception as error:  # noqa: BLE001 - torch raises seven types for what is no checkpoint
            damage = f"{type(error).__name__}: {_first_line(error)}"
        else:
            if isinstance(loaded, dict):
                return loaded
            damage = f"holds a {type(loaded).__name__}, no dictionary"
    raise CheckpointError(f"checkpoint {path} is damaged ({damage}).")


def sha256(path: Path) -> str:
    """Digest of a file, as ``sha256sum`` prints it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def epoch_files(folder: Path) -> list[tuple[int, Path]]:
    """(epoch, file) of each ``checkpoint_epoch=N.pt``, the newest first by its epoch, never by its time."""
    found = [(EPOCH_FILE.fullmatch(path.name), path) for path in folder.iterdir()]
    return sorted(((int(match[1]), path) for match, path in found if match), reverse=True)


def newest(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """The newest good checkpoint of a run and its content; ``None`` where none was ever written.

    Raises:
        CheckpointError: There are some, and none is good.
    """
    files = epoch_files(folder)
    for number, (_, path) in enumerate(files):
        try:
            return path, load(path)
        except CheckpointError as error:
            older = files[number + 1 :]
            logger.warning("%s %s", error, f"Going back to {older[0][1].name}." if older else "")
    if files:
        raise CheckpointError(f"{folder}: none of its {len(files)} checkpoints is good; start a new run.")
    return None


def prune(folder: Path, keep: int) -> None:
    """Remove all but the newest `keep` of the ``checkpoint_epoch=N.pt``."""
    for _, path in epoch_files(folder)[keep:]:
        path.unlink(missing_ok=True)


def plain(value: Any, where: str = "state") -> Any:
    """`value` with NumPy's numbers as Python's, and plain containers: what `weights_only` can read again.

    Raises:
        TypeError: Something is neither a tensor, a number, a string nor a container of such.

    >>> plain({"lr": np.float64(0.5), "steps": (np.int64(3), None)})
    {'lr': 0.5, 'steps': (3, None)}
    """
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    # A class of their own, as enumerations have, could not be read again.
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
    raise TypeError(f"{where} is a {type(value).__name__}, which a checkpoint cannot hold.")


def export_weights(checkpoint: Path, output: Path, key: str = "model") -> None:
    """Write a checkpoint's weights as safetensors: a format that cannot hold code, nor any training state.

    Args:
        checkpoint: File written by `save`, or by MONAI.
        output: The ``.safetensors`` file.
        key: Where in the checkpoint the state dict stands.

    Raises:
        CheckpointError: The checkpoint is damaged, or has no such key.
    """
    from safetensors.torch import save as to_bytes

    loaded = load(checkpoint)
    if not isinstance(loaded.get(key), Mapping):
        raise CheckpointError(f"{checkpoint}: has no {key!r}; there are: {', '.join(map(str, loaded))}.")
    weights = {name: tensor.detach().contiguous().clone() for name, tensor in loaded[key].items()}
    with replacing(output, durable=True) as part:
        part.write_bytes(to_bytes(weights, metadata={"format": "pt"}))


def _damage(content: bytes) -> str | None:
    """What is wrong with the bytes of a checkpoint, before any of them is unpickled."""
    if not content:
        return "0 bytes"
    body, comment = content[:-_COMMENT], content[-_COMMENT:]
    if comment.startswith(_MARK) and body[-22:-18] == _END:
        right = hashlib.sha256(body).hexdigest().encode() == comment[len(_MARK) :]
        return None if right else "its checksum does not fit"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as records:
            bad, end = records.testzip(), len(content) - len(records.comment)
    except Exception as error:  # noqa: BLE001 - zipfile raises eight types for what is no zip file
        return f"{len(content)} bytes, no whole zip file: {_first_line(error)}"
    if int.from_bytes(content[end - 2 : end], "little") != len(records.comment):
        return f"{len(content)} bytes, no whole zip file: its end is missing"
    return f"the checksum of record {bad} does not fit" if bad else None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "no reason given")
