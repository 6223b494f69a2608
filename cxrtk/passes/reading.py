"""Reading ahead of a step, in worker processes that may crash, in the requested order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.api import Radiograph, Reader
from cxrtk.data.digest import sha256_of
from cxrtk.data.pixels.content import open_regular
from cxrtk.data.pixels.listing import SUFFIXES
from cxrtk.data.reader_pool import ReaderPool
from cxrtk.errors import ConfigError, CxrReadError
from cxrtk.passes.digests import state
from cxrtk.registry import check_arguments, readers

# In a folder these are not failures: the file is just not a requested radiograph.
NOT_ASKED_FOR = ("modality", "no_image", "flagged")
NO_IMAGE = (
    "not_image",
    "not_dicom",
    "format",
)  # by content; a failure only if the file name has an image suffix


@dataclass(frozen=True)
class Read:
    """Result of reading one file.

    Attributes:
        path: Path of the file.
        radiograph: The radiograph; ``None`` if it could not be read.
        error: Reason of a failure.
        sha256: SHA-256 of the file; empty if it could not be read.
    """

    path: str
    radiograph: Radiograph | None
    error: CxrReadError | None
    sha256: str

    @property
    def left_out(self) -> bool:
        """Return whether the file may be skipped in a folder: a report, another modality, a text."""
        if self.error is None:
            return False
        named_so = Path(self.path).name.lower().endswith(SUFFIXES)
        return self.error.code in NOT_ASKED_FOR or (self.error.code in NO_IMAGE and not named_so)


class ReadAhead(ReaderPool):
    """Reader plugin that reads files ahead in worker processes; use it as a context manager.

    Args:
        reader: Name of the reader plugin.
        arguments: Arguments of the reader.
        workers: Number of worker processes.
        ahead: Number of files to read ahead; bounds the memory.
    """

    def __init__(
        self, reader: str, arguments: Mapping[str, Any], *, workers: int = 1, ahead: int = 8
    ) -> None:
        if workers < 1 or ahead < 1:
            raise ValueError(f"workers and ahead must be at least 1, not {workers} and {ahead}.")
        super().__init__(reader, arguments, num_workers=workers)
        self.ahead = ahead

    def read(self, paths: Iterable[str]) -> Iterator[Read]:
        """Yield the result of each file in order."""
        return self.map(_read, paths, self.ahead)


def read_ahead(
    source: str | Path | Sequence[str],
    *,
    reader: str = "files",
    arguments: Mapping[str, Any] | None = None,
    workers: int = 1,
    ahead: int = 8,
) -> ReadAhead:
    """Make a reader of a file, several files, or a folder and its subfolders.

    Args:
        source: A file, a folder, or a list of files.
        reader: Name of a reader plugin that accepts the source as ``root``.
        arguments: Further arguments of the reader.
        workers: Number of worker processes.
        ahead: Number of files to read ahead; bounds the memory.

    Raises:
        ConfigError: The source is empty, or the reader does not accept the arguments.
    """
    if not source:
        raise ConfigError("No images to segment: name a file or a folder by --input.")
    root = list(source) if isinstance(source, (list, tuple)) else str(source)
    made_with = {"root": root, **(arguments or {})}
    check_arguments(readers, reader, made_with)
    return ReadAhead(reader, made_with, workers=workers, ahead=ahead)


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
    try:
        return state(path)
    except OSError:
        return (0, 0, 0)  # opening the file will report the error
