"""Entries of a manifest of `cxrtk segment`, one per radiograph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.passes.manifest import Entry as Line
from cxrtk.passes.manifest import Manifest


@dataclass(frozen=True)
class Entry(Line):
    """One line of a manifest, with the fields of `cxrtk segment`.

    Attributes:
        measures: Measures as in `cxrtk.Segmentation`; empty if there are no masks.
        quality: Quality flag as in `cxrtk.Segmentation`.
    """

    measures: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)

    @property
    def segmented(self) -> bool:
        """Return whether there are masks; a writer may still have refused one of the formats."""
        return self.status == "ok" or bool(self.measures)


def read_entries(paths: Iterable[Path]) -> list[Entry]:
    """Read the entries of several manifests, without the files that were left out.

    Raises:
        DataError: A manifest is damaged.
    """
    lines = (line for path in paths for line in Manifest(path) if line.status != "left_out")
    return [Entry(**vars(line), **line.row) for line in lines]
