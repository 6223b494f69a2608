"""A stream that gives a parser no more than it may need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from cxrtk.errors import CxrReadError

HEADER_BYTES = 64 * 2**20  # overlays and icons lie before the pixels too
HEADER_READS = 100_000  # two or three an element; the headers of real radiographs have some hundred elements


class Bounded:
    """Reads from `stream`, but not without end; what a file may claim is a length, not what it holds.

    Args:
        stream: Read from where it stands.
        path: Named by the error.
        most: Bytes in all.
        reads: Reads in all, which bounds the count of elements.
    """

    def __init__(
        self, stream: BinaryIO, path: str | Path, most: int = HEADER_BYTES, reads: int = HEADER_READS
    ) -> None:
        self._stream = stream
        self._path = path
        self._bytes_left = most
        self._reads_left = reads
        at = stream.tell()
        self._end = stream.seek(0, os.SEEK_END)
        stream.seek(at)

    def read(self, count: int = -1) -> bytes:
        """As a file does; fewer bytes at its end.

        Raises:
            CxrReadError: It is asked for more than its bounds.
        """
        there = max(0, self._end - self._stream.tell())
        count = there if count < 0 else min(count, there)
        self._bytes_left -= count
        self._reads_left -= 1
        if self._bytes_left < 0 or self._reads_left < 0:
            what = "has a header that is too large for a radiograph's"
            raise CxrReadError(self._path, what, cure="leave it out, or export it again", code="too_large")
        return self._stream.read(count)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As a file does."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """As a file does."""
        return self._stream.tell()
