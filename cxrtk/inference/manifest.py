"""What became of each input, a line of JSON each, so that a batch that stopped can go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import replacing
from cxrtk.errors import CxrReadError, DataError

FILE = "manifest.jsonl"


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        input: Path under the input folder.
        status: ``ok``; or ``failed``: it could not be read, or not be written in a format asked for, where
            `outputs` holds what was written in the others.
        code: Why it failed, one of `cxrtk.errors.READ_CODES`; empty otherwise.
        reason: The same in words, without values of header tags.
        input_sha256: Of the bytes that were decoded; empty where they could not be read.
        outputs: Path under the output folder -> SHA-256.
        model: Name and SHA-256 of the model.
        settings: What else decides the outputs.
        measures: As in `cxrtk.Segmentation`.
        quality: As in `cxrtk.Segmentation`.
    """

    input: str
    status: str
    code: str = ""
    reason: str = ""
    input_sha256: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    measures: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)

    @property
    def segmented(self) -> bool:
        """Whether masks were found, though a writer may have refused one of the formats."""
        return self.status == "ok" or bool(self.measures)

    def line(self) -> str:
        """One line of JSON, its keys in a fixed order."""
        return json.dumps(asdict(self), allow_nan=False) + "\n"


def read(path: Path) -> dict[str, Entry]:
    """Input -> its newest entry; empty where there is no file.

    A last line without its end was being written when the process was killed, and counts as not there.

    Raises:
        DataError: Another line is no entry.
    """
    if not path.exists():
        return {}
    found: dict[str, Entry] = {}
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise DataError(
                f"{path}: line {number}: no entry of a manifest: {error}; remove the file to begin again."
            ) from error
        found[entry.input] = entry
    return found


def append(path: Path, entries: Iterable[Entry]) -> None:
    """Add lines at the end; a torn last line is ended first."""
    text = "".join(entry.line() for entry in entries)
    with path.open("a+b") as file:
        if file.tell() > 0:
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                _drop_last_line(file)
        file.write(text.encode())


def _drop_last_line(file: Any) -> None:
    file.seek(0)
    content = file.read()
    file.truncate(content.rfind(b"\n") + 1)
    file.seek(0, 2)


def write(path: Path, entries: Iterable[Entry]) -> None:
    """The whole file anew, in the order given, whole or not at all."""
    with replacing(path) as part, part.open("w", encoding="utf-8") as file:
        file.writelines(entry.line() for entry in entries)


def failed(name: str, error: CxrReadError, input_sha256: str, **more: Any) -> Entry:
    """The entry of a file that cannot be read; of a header's tag it keeps the name, never the value."""
    return Entry(name, "failed", error.code, error.reason, input_sha256, **more)
