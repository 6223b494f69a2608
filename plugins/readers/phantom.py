"""Digital chest phantoms, drawn when they are read: data for a first run, with exact masks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk import CxrReadError, Label, Radiograph, Reader, phantom, readers

CLASSES = ("right_lung", "left_lung", "heart")


@readers.register("phantom")
class PhantomReader(Reader):
    """A set of phantoms; nothing lies on disk.

    Args:
        root: What the paths begin with; any text, since no file is opened.
        count: Images in the set.
        seed: Seed of the set.
        size: Height and width in pixels.
    """

    def __init__(self, root: str | Path = "phantom", count: int = 96, seed: int = 0, size: int = 512) -> None:
        self.size = size
        self._entries = {str(Path(root) / f"{e.stem}.png"): e for e in phantom.series(count, seed)}

    def items(self) -> list[dict[str, Any]]:
        """One dict an image: image, patient, follow_up."""
        return [
            {"image": path, "patient": f"{entry.patient:08d}", "follow_up": entry.follow_up}
            for path, entry in self._entries.items()
        ]

    def read(self, path: str | Path) -> Radiograph:
        """Draw one; its spacing is known by construction, hence ``calibrated``.

        Raises:
            CxrReadError: The path is not one of `items()`.
        """
        drawn = self._draw(path)
        return Radiograph(drawn.pixels, drawn.spacing_mm, "calibrated", dict(drawn.meta))

    def read_label(self, item: Mapping[str, Any]) -> Label:
        """The exact masks: right lung, left lung, heart."""
        drawn = self._draw(item["image"])
        masks = np.stack([drawn.right_lung, drawn.left_lung, drawn.heart])
        return Label(masks, CLASSES, truth="exact", heart="excluded")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Always; nothing is drawn to say so."""
        return True

    def _draw(self, path: str | Path) -> phantom.Phantom:
        entry = self._entries.get(str(Path(path)))
        if entry is None:
            known = f"there are {len(self._entries)}, the first {next(iter(self._entries))}"
            raise CxrReadError(path, "is no phantom of this set", cure=known)
        return phantom.draw(entry.seed, self.size, patient=entry.patient_seed)
