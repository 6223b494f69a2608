"""Reader of the digital phantom: images are generated when read, without any file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk import CxrReadError, Label, Radiograph, Reader, phantom, readers


@readers.register("phantom")
class PhantomReader(Reader):
    """Reader of the phantoms that ``cxrtk.phantom.write_nih`` writes for equal arguments, but unrounded.

    The listed paths are names only, ``phantom/phantom_00000000_00000000_512.png`` under `root`; there are no
    such files. A name contains the seed of the patient, the seed of the image and its size, so that equal
    names mean equal images. No name is that of an image of ChestX-ray14.

    Args:
        root: Prefix of the listed paths. Nothing is read or written there; it may be empty.
        count: Number of images; there are three quarters as many patients.
        seed: Seed of the whole data set.
        size: Number of rows and columns of each image.
        inverted: Fraction of the images that are inverted.

    Raises:
        ConfigError: An argument is out of range.
    """

    def __init__(
        self, root: str | Path = "", count: int = 96, seed: int = 0, size: int = 512, inverted: float = 0.0
    ) -> None:
        phantom.check_size(size)
        self.count, self.seed, self.size, self.inverted = count, seed, size, inverted
        folder = Path(root) / "phantom"
        self._shots = {str(folder / _name(shot, size)): shot for shot in phantom.shots(count, seed, inverted)}

    def items(self) -> list[dict[str, Any]]:
        """List dicts by name: ``image``, ``patient``, ``age``, ``sex``, ``view``, ``findings``."""
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
        """Generate one image. Its spacing is known by construction, so it counts as calibrated."""
        drawn = self._draw(path)
        return Radiograph(drawn.pixels, drawn.spacing_mm, "calibrated", drawn.meta)

    def read_label(self, item: Mapping[str, Any]) -> Label:
        """Generate the right lung, left lung and heart, exact by construction; the heart is excluded."""
        drawn = self._draw(item["image"])
        masks = np.stack([drawn.right_lung, drawn.left_lung, drawn.heart])
        return Label(masks, ("right_lung", "left_lung", "heart"), truth="exact", heart="excluded")

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return an empty list, since no file is read."""
        return []

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return True, since every image has a label."""
        return str(item["image"]) in self._shots

    def _draw(self, path: str | Path) -> phantom.Phantom:
        shot = self._shots.get(str(Path(path)))
        if shot is None:
            raise CxrReadError(
                path, "is not a phantom of this set", cure="use the paths that items() lists", code="missing"
            )
        return shot.draw(self.size)


def _name(shot: phantom.Shot, size: int) -> str:
    negative = "_negative" if shot.inverted else ""
    return f"phantom_{shot.patient_seed:08d}_{shot.seed:08d}_{size}{negative}.png"
