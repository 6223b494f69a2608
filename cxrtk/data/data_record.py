"""Record of a run's data by content, ``data.json``, so that a resumed run refuses data that has changed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from cxrtk.data.atomic import write_json
from cxrtk.data.digest import sha256
from cxrtk.data.splits import Item, image_names
from cxrtk.errors import DataError
from cxrtk.wording import counted

FILE = "data.json"
NAMED = 10  # files named in one message
# Images are digested only if their total size is at most this many bytes; masks and rows always are.
MOST_IMAGE_BYTES = 4_000_000_000

Digest = Callable[[str], str]  # path of a file -> digest

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileState:
    """State of a file at the start of the run.

    Attributes:
        name: Name of the file, without folders.
        size: Number of bytes.
        time: Time of the last change in nanoseconds.
        sha256: SHA-256 of its bytes; empty for an image of a large data set.
    """

    name: str
    size: int
    time: int
    sha256: str

    @staticmethod
    def of(path: str, digest: Digest | None) -> FileState:
        """Describe a file; without `digest` its content is not read."""
        status = Path(path).stat()
        sha = digest(path) if digest is not None else ""
        return FileState(PurePath(path).name, status.st_size, status.st_mtime_ns, sha)

    def changed(self, path: str, digest: Digest) -> bool:
        """Return whether the bytes of a file differ; it is read only if its modification time differs."""
        try:
            status = Path(path).stat()
        except OSError:
            return True
        if status.st_size != self.size:
            return True
        return status.st_mtime_ns != self.time and bool(self.sha256) and digest(path) != self.sha256


@dataclass(frozen=True)
class ItemState:
    """State of an image at the start of the run: its files, and its row in the tables.

    Attributes:
        files: The image, followed by the files of its label.
        row: SHA-256 of its columns.
    """

    files: tuple[FileState, ...]
    row: str


def has_record(folder: Path) -> bool:
    """Return whether a run has a record of its data, which `require_same_data` needs."""
    return (folder / FILE).exists()


def require_same_data(
    folder: Path, items: Sequence[Item], files: Callable[[Item], Sequence[str]], root: str = ""
) -> None:
    """Record the data of a new run, or compare those of a resumed one with its record.

    Args:
        folder: Folder of the run. If it has a ``splits.json`` but no record, it was written by an earlier
            version of cxrtk: a warning states that changed masks cannot be detected, and nothing is written.
        items: Items of the run, in a stable order.
        files: Function that returns the files that are read for an item: the image and its label.
        root: Data folder; the names in the record are relative to it.

    Raises:
        DataError: Masks, images or rows of tables differ from those recorded; the message names them.
    """
    paths = [tuple(files(item)) for item in items]
    names = image_names(items, root)
    path = folder / FILE
    if path.exists():
        _compare(path, dict(zip(names, zip(items, paths, strict=True), strict=True)))
    elif (folder / "splits.json").exists():
        logger.warning(
            "%s: was started before masks were recorded: images are compared by name and size only, and a "
            "changed mask is not noticed.",
            folder,
        )
    else:
        columns = _columns(items, root)
        write_json(path, {"columns": columns, "images": _described(names, items, paths, columns)}, indent=0)


def row_digest(item: Item, columns: Sequence[str]) -> str:
    """Return the SHA-256 of the columns named by `_hidden`; a column that an item lacks counts as empty."""
    values = dict.fromkeys(columns) | {
        hidden: value for key, value in item.items() if (hidden := _hidden(key)) in columns
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def _hidden(column: str) -> str:
    """Digest a column's name, since the names in a hospital's table may identify people."""
    return hashlib.sha256(column.encode()).hexdigest()[:16]


def _columns(items: Sequence[Item], root: str) -> list[str]:
    """Return the columns by `_hidden`, without those of paths, which change where the data is moved."""
    below = f"{root.rstrip('/')}/" if root else None
    found = {key: None for item in items for key in item}
    paths = {
        key
        for item in items
        for key, value in item.items()
        if str(value) == str(item["image"]) or (below and str(value).startswith(below))
    }
    return [_hidden(key) for key in found if key not in paths]


def _described(
    names: Sequence[str], items: Sequence[Item], paths: Sequence[Sequence[str]], columns: Sequence[str]
) -> dict[str, dict[str, Any]]:
    images = sum(Path(each[0]).stat().st_size for each in paths if each)
    small = images <= MOST_IMAGE_BYTES
    digest = cache(sha256)  # a table may hold the masks of all images
    return {
        name: {
            "row": row_digest(item, columns),
            "files": [
                list(vars(FileState.of(file, digest if small or number > 0 else None)).values())
                for number, file in enumerate(own)
            ],
        }
        for name, item, own in zip(names, items, paths, strict=True)
    }


def _read(path: Path) -> tuple[list[str], dict[str, ItemState]]:
    """Return the columns, and the state of each image by its name."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        return list(loaded["columns"]), {
            name: ItemState(tuple(FileState(*file) for file in about["files"]), str(about["row"]))
            for name, about in loaded["images"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path}: cannot be read: {error}; start a new run.") from error


def _compare(path: Path, now: Mapping[str, tuple[Item, Sequence[str]]]) -> None:
    columns, before = _read(path)
    digest = cache(sha256)
    changed: list[str] = []
    for name, state in before.items():
        if name not in now:
            changed.append(f"{name} is gone")
            continue
        item, files = now[name]
        if [file.name for file in state.files] != [PurePath(file).name for file in files]:
            changed.append(f"{name} has other files")
        else:
            pairs = zip(state.files, files, strict=True)
            changed += [f"{file} has changed" for known, file in pairs if known.changed(file, digest)]
        if row_digest(item, columns) != state.row:
            changed.append(f"the tables have changed for {name}")
    changed += [f"{name} is new" for name in now if name not in before]
    if changed:
        more = f"; and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
        raise DataError(
            f"{path.parent}: cannot continue with different data ({counted(len(changed), 'change')}): "
            f"{'; '.join(changed[:NAMED])}{more}. Restore the data, or start a new run."
        )
