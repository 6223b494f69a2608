"""Write a file whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxrtk.errors import StorageError

_PART = re.compile(r"\.\d+\..+")  # the temporary names of `replacing`


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Give a temporary path in the same folder; on success it becomes `path`, on failure it is removed.

    The temporary name keeps the suffix, since libraries choose the format by it. Missing folders are made.

    Args:
        path: The file to write.
        durable: Wait until the file and its name are on the disk, so that not even a power cut between the
            writing and the renaming leaves an empty file. Costs milliseconds a file.

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


@contextmanager
def full_disk_named(folder: Path) -> Iterator[None]:
    """Let a full disk end what is written into `folder` as an error that says so.

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
    """Remove what a killed process left of `replacing` in `folder`; call it only where no other writes."""
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
    """One line on a full disk."""
    free = shutil.disk_usage(folder).free / 1e6
    need = f": need {needed / 1e6:.1f} MB, have {free:.1f} MB" if needed else f": {free:.1f} MB are free"
    return f"no space left on {folder.resolve()}{need}; free some, or name another output folder"


def _sync(path: Path) -> None:
    """Have the system write a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
