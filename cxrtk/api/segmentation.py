"""Contracts of a predicted segmentation, and of the writers of its files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api.label import Label
from cxrtk.api.radiograph import Radiograph
from cxrtk.classes import CONVENTIONS, HEART_EXCLUDED


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The prediction of a model for one radiograph, at the radiograph's own size and orientation.

    Attributes:
        source: Path of the input file.
        radiograph: The radiograph as read.
        masks: (C, H, W) uint8 in {0, 1}, one channel per class; H and W are the radiograph's.
        classes: C names, as in `Label`; the two lungs never overlap.
        probabilities: (C, S, S) float32 in [0, 1] on the network's grid, covering the whole image.
        measures: Areas, ratios and boxes, plain JSON; see docs/measures.md.
        quality: ``flag`` (``ok``, ``review`` or ``failed``) of the lungs and the file, ``score`` in [0, 1],
            ``reasons``, and ``organs``, the flags of the masks of ``lungs`` and ``heart``, plain JSON; empty
            where the model has no quality flag.
        model: ``name``, ``sha256`` and ``version`` of the model.
        convention: ``heart-excluded``, or ``heart-included`` where the lungs are drawn through the heart: the
            one class is then ``lungs``.

    Raises:
        ValueError: The masks do not fit the radiograph or the classes, or there is no such convention.
    """

    source: Path
    radiograph: Radiograph
    masks: npt.NDArray[np.uint8]
    classes: tuple[str, ...]
    probabilities: npt.NDArray[np.float32]
    measures: Mapping[str, Any]
    quality: Mapping[str, Any]
    model: Mapping[str, Any]
    convention: str = HEART_EXCLUDED

    def __post_init__(self) -> None:
        if self.convention not in CONVENTIONS:
            what = f"must be one of {CONVENTIONS}, not {self.convention!r}"
            raise ValueError(f"Segmentation.convention {what}.")
        expected = (len(self.classes), *self.radiograph.pixels.shape)
        if self.masks.shape != expected or self.masks.dtype != np.uint8:
            raise ValueError(
                f"Segmentation.masks must be {expected} uint8, not {self.masks.shape} {self.masks.dtype}."
            )

    def lungs(self) -> npt.NDArray[np.uint8]:
        """Return both lungs in one mask, (H, W) uint8 in {0, 1}, with the heart as `convention` says."""
        return Label(self.masks, self.classes, "model").lungs()


class Writer(ABC):
    """An output format. The caller ensures that files are written atomically."""

    @abstractmethod
    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write the files of one radiograph and return their paths.

        Args:
            segmentation: The segmentation to write.
            stem: Output path without suffix, such as ``out/a/chest``: write ``chest.png`` or
                ``chest_labels.png`` beside it, and nothing else. The folder exists.

        Raises:
            CxrReadError: The format cannot hold this segmentation, such as a DICOM object made from a PNG.
        """

    def finish(self, output_dir: Path, rows: Iterable[Mapping[str, Any]]) -> list[Path]:
        """Write the outputs that cover all radiographs, and return their paths; by default none.

        Args:
            output_dir: Folder of all outputs.
            rows: One row per radiograph, in order: ``input``, ``status``, ``measures``, ``quality``. The rows
                can be iterated more than once.
        """
        return []
