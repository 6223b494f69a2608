"""Manifest of a pass: one line of JSON per input, by which an interrupted pass can be continued."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cxrtk.data.atomic import replacing
from cxrtk.errors import DataError

FILE = "manifest.jsonl"
PARTS = "manifest_*_of_*.jsonl"  # of the parts of a shared pass
STATUSES = ("ok", "left_out", "failed")
_TEXTS = ("input", "code", "reason", "input_sha256")
_OWN = ("input", "status", "code", "reason", "input_sha256", "outputs", "model", "settings")
_FURTHER = "further_sha256"  # stands in lines of steps that read further files only
FLAGS = "flags"  # stands in lines of flagged radiographs only
RESERVED = frozenset((*_OWN, _FURTHER, FLAGS))


def file_of(part_id: int, num_parts: int) -> str:
    """Return the file name of the manifest; each part of a shared pass has its own."""
    return FILE if num_parts == 1 else f"manifest_{part_id}_of_{num_parts}.jsonl"


@dataclass(frozen=True)
class Entry:
    """One line of the manifest: the result of one input.

    Attributes:
        input: Path relative to the input folder, prefixed by the name of the input if there are several.
        status: ``ok``; ``left_out`` for a file that is no requested radiograph; or ``failed``, in which case
            `outputs` lists the files that were written nevertheless.
        code: Code of the failure or omission, one of `cxrtk.errors.READ_CODES`; otherwise empty.
        reason: Description of the failure or omission, without values of header tags.
        input_sha256: SHA-256 of the bytes that were decoded; empty if they could not be read.
        outputs: SHA-256 of each output, by path relative to the output folder.
        model: Name and SHA-256 of the model; empty if no model was used.
        settings: All other settings that determine the outputs.
        row: Values from the step, JSON; their keys are stored in the line beside the others.
        further_sha256: SHA-256 of each file of `cxrtk.Step.further_inputs`; empty text for one that could not
            be read.
        flags: Names of the flags that the reader gave the radiograph, of `cxrtk.data.pixels.flags.FLAGS`.
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
    further_sha256: Sequence[str] = ()
    flags: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Convert the entry to a JSON object with a fixed order of keys."""
        some = {name: list(getattr(self, name)) for name in (_FURTHER, FLAGS) if getattr(self, name)}
        return {**{name: getattr(self, name) for name in _OWN}, **some, **self.row}

    def line(self) -> str:
        """Format the entry as one line of JSON, which can represent any file name."""
        return json.dumps(self.as_json(), allow_nan=False) + "\n"

    @staticmethod
    def parse(line: str) -> Entry:
        """Parse a line.

        Raises:
            ValueError: The line is not an entry.
        """
        content = json.loads(line)
        if not isinstance(content, dict) or not {"input", "status"} <= content.keys():
            raise ValueError("it names no input and status")
        own = {name: content.pop(name) for name in _OWN if name in content}
        further, flags = content.pop(_FURTHER, []), content.pop(FLAGS, [])
        flags = flags.split() if isinstance(flags, str) else flags  # of earlier manifests of `cxrtk convert`
        if own["status"] not in STATUSES:
            raise ValueError(f"its status is {own['status']!r}")
        for name, value in own.items():
            if not isinstance(value, str if name in (*_TEXTS, "status") else dict):
                raise ValueError(f"its {name} is {value!r}")
        if not all(isinstance(digest, str) for digest in own.get("outputs", {}).values()):
            raise ValueError("the digest of an output is not a string")
        for name, texts in ((_FURTHER, further), (FLAGS, flags)):
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                raise ValueError(f"its {name} is {texts!r}")
        return Entry(**own, row=content, further_sha256=tuple(further), flags=tuple(flags))


class Manifest:
    """Manifest on disk; only the offset of each line is kept in memory.

    Args:
        path: Path of the file, which need not exist.

    Raises:
        DataError: A line is not an entry. An incomplete last line, from a process killed while writing, is
            ignored.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[str, int] = {}  # input -> offset of its latest line
        self._end = 0  # end of the last complete line
        if path.exists():
            with path.open("rb") as file:
                self._index(file)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the latest entry of each input, in the order of first occurrence."""
        return self.of(list(self._places))

    def of(self, names: Iterable[str]) -> Iterator[Entry]:
        """Yield the entries of some inputs, in the given order."""
        if self._places:
            with self.path.open("rb") as file:
                for name in names:
                    yield self._read(file, self._places[name])

    def get(self, name: str) -> Entry | None:
        """Return the latest entry of one input; ``None`` if there is none."""
        if name not in self._places:
            return None
        return next(self.of([name]))

    def append(self, entries: Sequence[Entry]) -> None:
        """Append lines in one write, after removing an incomplete last line."""
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.truncate(self._end)
            file.seek(self._end)
            lines = [entry.line().encode() for entry in entries]
            file.write(b"".join(lines))
        for entry, line in zip(entries, lines, strict=True):
            self._places[entry.input] = self._end
            self._end += len(line)

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Replace the file by these entries in the given order, atomically.

        Args:
            entries: Entries to write; may be an iterator over this manifest.
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
                    f"{self.path}: line {number} is not an entry of a manifest: {error}; remove the file to "
                    "begin "
                    "again."
                ) from error
            self._places[entry.input] = self._end
            self._end += len(line)

    def _read(self, file: IO[bytes], place: int) -> Entry:
        file.seek(place)
        return Entry.parse(file.readline().decode())


def manifests(folder: Path) -> list[Path]:
    """Return the paths of the manifest of an output folder, or of the manifests of its parts in order."""
    whole = folder / FILE
    if whole.is_file():
        return [whole]
    return sorted(folder.glob(PARTS), key=part_of)


def part_of(path: Path) -> tuple[int, int]:
    """Return the number of a part, and the number of parts, from the name of its manifest.

    >>> part_of(Path("manifest_1_of_3.jsonl"))
    (1, 3)
    """
    _, part, _, parts = path.stem.split("_")
    return int(part), int(parts)
