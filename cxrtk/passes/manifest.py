"""The record of a pass: one line of JSON an input, so that a pass that stopped can go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cxrtk.data.atomic import replacing
from cxrtk.errors import DataError

FILE = "manifest.jsonl"
PARTS = "manifest_*_of_*.jsonl"  # of several processes that share the work
STATUSES = ("ok", "left_out", "failed")
_TEXTS = ("input", "code", "reason", "input_sha256")
_OWN = ("input", "status", "code", "reason", "input_sha256", "outputs", "model", "settings")
RESERVED = frozenset(_OWN)


def file_of(part_id: int, num_parts: int) -> str:
    """Name of the manifest; each part of a shared pass has its own."""
    return FILE if num_parts == 1 else f"manifest_{part_id}_of_{num_parts}.jsonl"


@dataclass(frozen=True)
class Entry:
    """One line: what became of one input.

    Attributes:
        input: Path below the input folder, with the input's name in front where there are several inputs.
        status: ``ok``; ``left_out``, since it is nothing that was asked for; or ``failed``, where `outputs`
            holds what could be written all the same.
        code: Why it failed or was left out, one of `cxrtk.errors.READ_CODES`; else empty.
        reason: The same in words, without values of header tags.
        input_sha256: Of the bytes that were decoded; empty where they could not be read.
        outputs: Path below the output folder -> SHA-256.
        model: Name and SHA-256 of the model; empty where none was used.
        settings: All else that decides the outputs.
        row: What the step says of the input, plain JSON; its keys stand in the line beside the others.
    """

    input: str
    status: str
    code: str = ""
    reason: str = ""
    input_sha256: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The line as an object, its keys in a fixed order."""
        return {**{name: getattr(self, name) for name in _OWN}, **self.row}

    def line(self) -> str:
        """One line of JSON, which any name of a file survives."""
        return json.dumps(self.as_json(), allow_nan=False) + "\n"

    @staticmethod
    def parse(line: str) -> Entry:
        """The entry of a line.

        Raises:
            ValueError: It is none.
        """
        content = json.loads(line)
        if not isinstance(content, dict) or not {"input", "status"} <= content.keys():
            raise ValueError("it names no input and status")
        own = {name: content.pop(name) for name in _OWN if name in content}
        if own["status"] not in STATUSES:
            raise ValueError(f"its status is {own['status']!r}")
        for name, value in own.items():
            if not isinstance(value, str if name in (*_TEXTS, "status") else dict):
                raise ValueError(f"its {name} is {value!r}")
        if not all(isinstance(digest, str) for digest in own.get("outputs", {}).values()):
            raise ValueError("the digest of an output is no text")
        return Entry(**own, row=content)


class Manifest:
    """A manifest on the disk, of which only the place of each line is kept in memory.

    Args:
        path: The file; there may be none yet.

    Raises:
        DataError: A line is no entry. A last line without its end was being written when the process was
            killed, and counts as not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[str, int] = {}  # input -> offset of its newest line
        self._end = 0  # of the last whole line
        if path.exists():
            with path.open("rb") as file:
                self._index(file)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Entry]:
        """The newest entry of each input, in the order in which the inputs first came."""
        return self.of(list(self._places))

    def of(self, names: Iterable[str]) -> Iterator[Entry]:
        """The entries of some inputs, in their order."""
        if self._places:
            with self.path.open("rb") as file:
                for name in names:
                    yield self._read(file, self._places[name])

    def get(self, name: str) -> Entry | None:
        """The newest entry of one input."""
        if name not in self._places:
            return None
        return next(self.of([name]))

    def append(self, entries: Sequence[Entry]) -> None:
        """Add lines at the end, in one write; a torn last line goes first."""
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.truncate(self._end)
            file.seek(self._end)
            lines = [entry.line().encode() for entry in entries]
            file.write(b"".join(lines))
        for entry, line in zip(entries, lines, strict=True):
            self._places[entry.input] = self._end
            self._end += len(line)

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """The whole file anew with these entries in their order, whole or not at all.

        Args:
            entries: May be read from this manifest as they are asked for.
        """
        places: dict[str, int] = {}
        end = 0
        with replacing(self.path) as part, part.open("wb") as file:
            for entry in entries:
                line = entry.line().encode()
                places[entry.input] = end
                end += file.write(line)
        self._places, self._end = places, end

    def _index(self, file: IO[bytes]) -> None:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                entry = Entry.parse(line.decode())
            except (ValueError, TypeError) as error:
                raise DataError(
                    f"{self.path}: line {number} is no entry of a manifest: {error}; remove the file to "
                    "begin "
                    "again."
                ) from error
            self._places[entry.input] = self._end
            self._end += len(line)

    def _read(self, file: IO[bytes], place: int) -> Entry:
        file.seek(place)
        return Entry.parse(file.readline().decode())


def manifests(folder: Path) -> list[Path]:
    """The manifest of a folder of outputs, or those of its parts, in their order."""
    whole = folder / FILE
    if whole.is_file():
        return [whole]
    return sorted(folder.glob(PARTS), key=lambda path: int(path.name.split("_")[1]))
