"""The digital phantom as a source of radiographs: drawn when read, no file anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk import CxrReadError, Label, Radiograph, Reader, phantom, readers


@readers.register("phantom")
class PhantomReader(Reader):
    """Draws phantoms, the same as ``cxrtk.phantom.write_nih`` writes for the same numbers, but not rounded.

    The paths it lists are names only, ``phantom/00000001_000.png`` under `root`; no such file is needed.

    Args:
        root: What the listed paths begin with. Nothing is read or written there; it may be empty.
        count: Images; three quarters as many patients.
        seed: Of the whole set.
        size: Rows and columns of each image.
        inverted: Share of the images that come as negatives.

    Raises:
        ConfigError: A number is out of range.
    """

    def __init__(
        self, root: str | Path = "", count: int = 96, seed: int = 0, size: int = 512, inverted: float = 0.0
    ) -> None:
        phantom.check_size(size)
        self.size = size
        folder = Path(root) / "phantom"
        self._shots = {
            str(folder / f"{shot.stem}.png"): shot for shot in phantom.shots(count, seed, inverted)
        }

    def items(self) -> list[dict[str, Any]]:
        """One dict an image, by name: ``image``, ``patient``, ``age``, ``sex``, ``view``, ``findings``."""
        items = []
        for path, shot in self._shots.items():
            about = phantom.describe(shot.seed, patient_seed=shot.patient_seed)
            items.append(
                {
                    "image": path,
                    "patient": f"{shot.patient:08d}",
                    "age": about["age"],
                    "sex": about["sex"],
                    "view": about["view"],
                    "findings": (about["finding"],),
                }
            )
        return items

    def read(self, path: str | Path) -> Radiograph:
        """Draw one image. Its spacing is known by construction, so it counts as calibrated."""
        drawn = self._draw(path)
        return Radiograph(drawn.pixels, drawn.spacing_mm, "calibrated", drawn.meta)

    def read_label(self, item: Mapping[str, Any]) -> Label:
        """Right lung, left lung and heart, exact by construction; the lungs stop at the heart."""
        drawn = self._draw(item["image"])
        masks = np.stack([drawn.right_lung, drawn.left_lung, drawn.heart])
        return Label(masks, ("right_lung", "left_lung", "heart"), truth="exact", heart="excluded")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """True for every image."""
        return str(item["image"]) in self._shots

    def _draw(self, path: str | Path) -> phantom.Phantom:
        shot = self._shots.get(str(Path(path)))
        if shot is None:
            raise CxrReadError(
                path, "is no phantom of this set", cure="take the paths that items() lists", code="missing"
            )
        return shot.draw(self.size)
