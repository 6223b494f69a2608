"""What a manifest of `cxrtk segment` says of one radiograph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.passes.manifest import Entry as Line
from cxrtk.passes.manifest import Manifest


@dataclass(frozen=True)
class Entry(Line):
    """A line of the manifest, with what `cxrtk segment` says in it.

    Attributes:
        measures: As in `cxrtk.Segmentation`; empty where no masks were found.
        quality: As in `cxrtk.Segmentation`.
    """

    measures: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)

    @property
    def segmented(self) -> bool:
        """Whether masks were found, though a writer may have refused one of the formats."""
        return self.status == "ok" or bool(self.measures)


def read_entries(paths: Iterable[Path]) -> list[Entry]:
    """The radiographs of some manifests, without what was left out.

    Raises:
        DataError: A manifest is damaged.
    """
    lines = (line for path in paths for line in Manifest(path) if line.status != "left_out")
    return [Entry(**vars(line), **line.row) for line in lines]
