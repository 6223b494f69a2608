"""A stream that limits the amount of data a parser may read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from cxrtk.errors import CxrReadError

HEADER_BYTES = 64 * 2**20  # overlays and icons precede the pixels too
HEADER_READS = 50_000  # two or three per element; the headers of real radiographs have some hundred elements


class Bounded:
    """Bounded reads from `stream`; lengths declared in a file cannot be trusted.

    Args:
        stream: Stream to read from its current position.
        path: Path for the error message.
        most: Maximum total number of bytes.
        reads: Maximum number of reads, which bounds the number of elements.
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
        """Read like a file; fewer bytes at its end.

        Raises:
            CxrReadError: The limit is exceeded.
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
        """Seek like a file."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position like a file."""
        return self._stream.tell()
