"""Whether a classifier's maps point into boxes that people drew: cases of a radiograph, and pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from cxrtk.api import Job
from cxrtk.data.boxes import FindingBox, patient_of, scale_box
from cxrtk.data.boxes import read_boxes as read_boxes
from cxrtk.errors import DataError
from cxrtk.evaluation.localisation import LocalisedCase, localise
from cxrtk.explain.pictures import save_overlay
from cxrtk.inference.classification.classifier import Classifier, ClassifierInput


class Boxed:
    """Scores the maps of those radiographs that have boxes.

    Args:
        boxes: Around findings, in pixels of 1024 x 1024; those of findings that a classifier does not tell
            are not looked at.
        tolerance: Pixels of the image that the pointing game allows beside a box.
        pictures: How many maps with boxes to draw, the first.
    """

    def __init__(self, boxes: Sequence[FindingBox] = (), tolerance: float = 0.0, pictures: int = 0) -> None:
        self.boxes = tuple(boxes)
        self.tolerance = tolerance
        self.pictures = pictures
        self._of: dict[str, list[FindingBox]] = {}
        for box in boxes:
            self._of.setdefault(box.image, []).append(box)

    def settings(self) -> dict[str, Any]:
        """What decides the cases and the pictures; empty where there are no boxes."""
        if not self.boxes:
            return {}
        digest = hashlib.sha256(json.dumps([astuple(box) for box in self.boxes]).encode()).hexdigest()
        return {"boxes": digest, "tolerance": self.tolerance, "pictures": self.pictures}

    def drawn(self, images: Sequence[str | None], findings: Sequence[str]) -> list[list[str]]:
        """The findings whose maps are drawn, for each image.

        Args:
            images: Their paths; ``None`` for one that is not looked at.
            findings: That the classifier tells.

        Raises:
            DataError: Two images have the name of one with boxes.
        """
        left, seen, drawn = self.pictures, set(), []
        for image in images:
            name = None if image is None else Path(image).name
            having = list(dict.fromkeys(box.finding for box in self._boxes(name, findings)))
            if having and name in seen:
                raise DataError(f"{image}: has the name of another image, and boxes have it too; rename one.")
            seen.add(name)
            drawn.append(having[:left])
            left -= len(drawn[-1])
        return drawn

    def __call__(
        self, job: Job, prepared: ClassifierInput, classifier: Classifier, drawn: Sequence[str]
    ) -> tuple[dict[str, Any], list[Path]]:
        """What a radiograph's row says of its boxes, and the pictures.

        Args:
            job: The radiograph.
            prepared: The same, for the classifier.
            classifier: Makes the maps.
            drawn: Findings whose maps are drawn, as ``<stem>_<finding>.png``.

        Raises:
            ConfigError: The classifier allows no map.
            NonFiniteError: A map holds NaN or an infinite number.
        """
        found = self._boxes(Path(job.item["image"]).name, classifier.findings)
        boxes = [scale_box(box, prepared.shape) for box in found]
        cases: list[dict[str, Any]] = []
        files: list[Path] = []
        maps = classifier.maps(prepared) if boxes else None
        for finding in dict.fromkeys(box.finding for box in boxes):
            assert maps is not None
            of_it = [box for box in boxes if box.finding == finding]
            heat = maps[classifier.findings.index(finding)]
            cases.append(_as_json(localise(heat, of_it, prepared.shape, tolerance=self.tolerance)))
            if finding in drawn:
                files.append(job.stem.with_name(f"{job.stem.name}_{finding}.png"))
                picture = outlined(job.radiograph.pixels, of_it)
                save_overlay(picture, heat, files[-1], title=f"{finding}, logit; box: the truth")
        return {"boxes": len(boxes), "cases": cases}, files

    def _boxes(self, name: str | None, findings: Sequence[str]) -> list[FindingBox]:
        return [box for box in self._of.get(name or "", []) if box.finding in findings]


def case_of(row: Mapping[str, Any]) -> LocalisedCase:
    """A case as it stands in a row's ``cases``."""
    lists = {name: tuple(row[name]) for name in ("ious", "iobbs")}
    return LocalisedCase(**{**row, **lists, "patient": patient_of(row["image"])})


def outlined(pixels: npt.NDArray[np.float32], boxes: Sequence[FindingBox]) -> npt.NDArray[np.float32]:
    """A copy of (H, W) pixels with boxes drawn in white."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    width = max(1, max(pixels.shape) // 256)
    for box in boxes:
        draw.rectangle((box.x, box.y, box.x + box.width, box.y + box.height), outline=1.0, width=width)
    return np.asarray(picture, np.float32)


def _as_json(case: LocalisedCase) -> dict[str, Any]:
    """Without the patient, whom the image's name tells."""
    return {name: value for name, value in asdict(case).items() if name != "patient"}
