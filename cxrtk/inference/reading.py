"""Read many files ahead of the network, each in a process that may crash, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.api import Radiograph, Reader
from cxrtk.data.digest import sha256_of
from cxrtk.data.pixels.content import open_regular
from cxrtk.data.reader_pool import ReaderPool
from cxrtk.errors import ConfigError, CxrReadError


@dataclass(frozen=True)
class Read:
    """One file: its radiograph or why there is none, and the SHA-256 of its bytes (empty if unreadable)."""

    path: str
    radiograph: Radiograph | None
    error: CxrReadError | None
    sha256: str


class ReadAhead(ReaderPool):
    """Reads files through a reader plugin in worker processes; use it in a ``with`` statement.

    Args:
        reader: Name of the reader.
        arguments: Its arguments.
        workers: Processes that read.
        ahead: Files that are read before they are asked for; bounds the memory.
    """

    def __init__(
        self, reader: str, arguments: Mapping[str, Any], *, workers: int = 1, ahead: int = 8
    ) -> None:
        if workers < 1 or ahead < 1:
            raise ValueError(f"workers and ahead must be at least 1, not {workers} and {ahead}.")
        super().__init__(reader, arguments, num_workers=workers)
        self.ahead = ahead

    def read(self, paths: Iterable[str]) -> Iterator[Read]:
        """Yield each file in order."""
        return self.map(_read, paths, self.ahead)


def read_ahead(source: str | Path, *, reader: str = "files", workers: int = 1, ahead: int = 8) -> ReadAhead:
    """What reads a file, or a folder with all below it, each file in a process that may crash.

    Args:
        source: The file or folder.
        reader: Name of a reader plugin that takes it as ``root``.
        workers: Processes that read.
        ahead: Files that are read before they are asked for; bounds the memory.

    Raises:
        ConfigError: No source is named.
    """
    if not str(source):
        raise ConfigError("No images to segment: name a file or a folder by --input.")
    return ReadAhead(reader, {"root": str(source)}, workers=workers, ahead=ahead)


def _read(reader: Reader, path: str) -> Read:
    digest = ""
    try:
        before = _state(path)
        with open_regular(path) as file:
            digest = sha256_of(file)
        radiograph = reader.read(path)
        if _state(path) != before:
            raise CxrReadError(path, "changed while it was read", cure="run it again", code="damaged")
        return Read(path, radiograph, None, digest)
    except CxrReadError as error:
        return Read(path, None, error, digest)


def _state(path: str) -> tuple[int, int, int]:
    """What changes when a file is written anew."""
    try:
        status = Path(path).stat()
    except OSError:
        return (0, 0, 0)  # opening it says what is wrong
    return (status.st_ino, status.st_size, status.st_mtime_ns)
