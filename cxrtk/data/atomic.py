"""Atomic writing of files."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxrtk.errors import StorageError

_PART = re.compile(r"\.\d+\..+")  # the temporary names of `replacing`


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it is renamed to `path`, on failure removed.

    The temporary name keeps the suffix, since libraries derive the format from it. Missing folders are
    created.

    Args:
        path: The file to write.
        durable: Wait until the file and its name are on disk, so that a power cut between writing and
            renaming cannot leave an empty file. Costs milliseconds per file.

    Raises:
        StorageError: The disk is full.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a" / "mask.png"
    >>> with replacing(target) as part:
    ...     _ = part.write_bytes(b"whole")
    >>> target.read_bytes(), len(list(target.parent.iterdir()))
    (b'whole', 1)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}.{path.name}")
    with full_disk_named(path.parent):
        try:
            yield part
            if durable:
                _sync(part)
            part.replace(path)
            if durable:
                _sync(path.parent)
        finally:
            part.unlink(missing_ok=True)


def write_json(path: Path, content: Any, *, indent: int = 1, durable: bool = False) -> Path:
    r"""Write JSON in UTF-8, with values of other types as text; return `path`.

    Bytes of a file name that are not UTF-8 are written as ``\udc80`` to ``\udcff``, and read back by `json`.

    Raises:
        StorageError: The disk is full.
    """
    text = json.dumps(content, indent=indent, ensure_ascii=False, default=str) + "\n"
    with replacing(path, durable=durable) as part:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))
    return path


@contextmanager
def full_disk_named(folder: Path) -> Iterator[None]:
    """Convert a full-disk error while writing into `folder` to `StorageError`.

    Raises:
        StorageError: The disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageError(full(folder)) from error
        raise


def sweep(folder: Path) -> list[Path]:
    """Remove temporary files left in `folder` by a killed process; no other process may be writing there."""
    parts = [path for path in folder.iterdir() if _PART.fullmatch(path.name) and path.is_file()]
    for part in parts:
        part.unlink(missing_ok=True)
    return parts


def require_space(folder: Path, needed: int) -> None:
    """Check that `needed` bytes can be written into `folder`.

    Raises:
        StorageError: Less is free.
    """
    if shutil.disk_usage(folder).free < needed:
        raise StorageError(full(folder, needed))


def full(folder: Path, needed: int | None = None) -> str:
    """Return a one-line message on a full disk."""
    free = shutil.disk_usage(folder).free / 1e6
    need = f": need {needed / 1e6:.1f} MB, have {free:.1f} MB" if needed else f": {free:.1f} MB are free"
    return f"no space left on {folder.resolve()}{need}; free some space, or name another output folder"


def _sync(path: Path) -> None:
    """Flush a file, or a folder's directory entry, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
