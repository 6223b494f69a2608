"""Digests of the files that a pass reads, computed once for a file that many radiographs share."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from cxrtk.data.digest import sha256

SHARED = 16  # number of digests kept, such as that of a table that holds the masks of all images


class Digests:
    """SHA-256 of files, kept until the file is rewritten; make a new one for each pass."""

    def __init__(self) -> None:
        self._of = lru_cache(SHARED)(lambda path, _: sha256(path))

    def __call__(self, path: str) -> str:
        """Return the SHA-256 of a file; empty if it cannot be read."""
        try:
            return self._of(path, state(path))
        except OSError:
            return ""


def state(path: str) -> tuple[int, int, int]:
    """Return file attributes that change when a file is rewritten.

    Raises:
        OSError: There is no such file.
    """
    status = Path(path).stat()
    return (status.st_ino, status.st_size, status.st_mtime_ns)
