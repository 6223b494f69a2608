"""Shared parts of readers of images and label files in folders, which are matched by stem."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrtk.api import Label, Radiograph, Reader
from cxrtk.data.pixels.dispatch import read

if TYPE_CHECKING:
    from cxrtk.data.pixels.label_files import LabelFiles


class FolderReader(Reader):
    """A reader of images with label files of the same stems; subclasses find both, and the table.

    Args:
        images: Stem -> path of the images.
        rows: Stem -> columns of the table; without one each image counts as its own patient.
        labels: The label files; ``None`` where there are none.
    """

    def __init__(
        self,
        images: Mapping[str, str],
        rows: Mapping[str, Mapping[str, str]],
        labels: LabelFiles | None,
    ) -> None:
        self.images = images
        self.rows = rows
        self.labels = labels
        self._stems = {path: stem for stem, path in images.items()}

    def items(self) -> list[dict[str, Any]]:
        """List dicts sorted by stem: ``image``, ``patient``, ``stem`` and the columns of the table."""
        return [
            {"image": path, "patient": stem, "stem": stem, **self.rows.get(stem, {})}
            for stem, path in self.images.items()
        ]

    def read(self, path: str | Path) -> Radiograph:
        """Read an image of any supported format; see `cxrtk.pixels.read`."""
        return read(path)

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the label files of an image; ``None`` where there are none."""
        return self.labels.read(self._stem(item), item["image"]) if self.labels else None

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether there are label files of an image; none is opened."""
        return self.labels is not None and self.labels.has(self._stem(item))

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and of its label files."""
        return [str(item["image"]), *(self.labels.files(self._stem(item)) if self.labels else ())]

    def _stem(self, item: Mapping[str, Any]) -> str:
        return self._stems.get(str(item["image"]), "")
