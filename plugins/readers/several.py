"""Several data sets as one, for training on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk import ConfigError, CxrReadError, Label, Radiograph, Reader, readers


@readers.register("several")
class Several(Reader):
    """Lists the items of some readers one after the other, each with the column ``source``.

    Patients of different sources are different patients: their keys get the source's name in front. Only the
    columns that all sources have are kept.

    Args:
        root: Folder that the roots of the sources are below; an absolute one stands for itself.
        sources: Name of the source -> arguments of `cxrtk.readers.create`, ``{"name": ..., "root": ...}``;
            without a root of its own, a source's name is its folder.

    Raises:
        ConfigError: There is no source, or one has no reader's name.
        DataError: A reader refuses its data.
    """

    def __init__(self, root: str | Path, sources: Mapping[str, Mapping[str, Any]]) -> None:
        if not sources:
            raise ConfigError("The reader 'several' needs at least one source.")
        self._readers: dict[str, Reader] = {}
        for source, arguments in sources.items():
            if "name" not in arguments:
                raise ConfigError(f"The source {source!r} has no 'name'; name its reader.")
            folder = Path(root) / arguments.get("root", source)
            self._readers[source] = readers.create(**{**arguments, "root": folder})
        self._items: list[dict[str, Any]] = []
        self._own: dict[tuple[str, str], dict[str, Any]] = {}
        self._source_of: dict[str, str] = {}
        for source, reader in self._readers.items():
            for item in reader.items():
                self._own[source, item["image"]] = item
                self._source_of[item["image"]] = source
        common = set.intersection(*(set(item) for item in self._own.values())) - {"source"}
        for (source, _), own in self._own.items():
            kept = {key: value for key, value in own.items() if key in common}
            self._items.append({**kept, "patient": f"{source}/{own['patient']}", "source": source})

    def items(self) -> list[dict[str, Any]]:
        """In the order of the sources, and within one in its reader's."""
        return [dict(item) for item in self._items]

    def read(self, path: str | Path) -> Radiograph:
        """By the reader that lists the path.

        Raises:
            CxrReadError: None does, or its reader refuses it.
        """
        if str(path) not in self._source_of:
            what = f"is in none of the sources {', '.join(self._readers)}"
            raise CxrReadError(path, what, cure="take the paths that items() lists", code="missing")
        return self._readers[self._source_of[str(path)]].read(path)

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """By the reader of its source."""
        return self._reader(item).read_label(self._own[item["source"], item["image"]])

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """By the reader of its source."""
        return self._reader(item).files(self._own[item["source"], item["image"]])

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """By the reader of its source."""
        return self._reader(item).has_label(self._own[item["source"], item["image"]])

    def _reader(self, item: Mapping[str, Any]) -> Reader:
        return self._readers[item["source"]]
