"""Localisation of activation maps, scored against manually annotated boxes, with overlays."""

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
    """Scores the activation maps of radiographs that have boxes.

    Args:
        boxes: Boxes around findings, in pixels of a 1024 x 1024 image; boxes of findings that the classifier
            does not predict are ignored.
        tolerance: Margin around a box, in pixels of the image, within which the pointing game counts a hit.
        pictures: Number of maps with boxes to draw, counted from the first.
    """

    def __init__(self, boxes: Sequence[FindingBox] = (), tolerance: float = 0.0, pictures: int = 0) -> None:
        self.boxes = tuple(boxes)
        self.tolerance = tolerance
        self.pictures = pictures
        self._of: dict[str, list[FindingBox]] = {}
        for box in boxes:
            self._of.setdefault(box.image, []).append(box)

    def settings(self) -> dict[str, Any]:
        """Return all settings that determine the cases and the overlays; empty without boxes."""
        if not self.boxes:
            return {}
        digest = hashlib.sha256(json.dumps([astuple(box) for box in self.boxes]).encode()).hexdigest()
        return {"boxes": digest, "tolerance": self.tolerance, "pictures": self.pictures}

    def drawn(self, images: Sequence[str | None], findings: Sequence[str]) -> list[list[str]]:
        """List, for each image, the findings that get a map overlay.

        Args:
            images: Paths of the images; ``None`` for an image that is not scored.
            findings: Findings that the classifier predicts.

        Raises:
            DataError: Two images share the name of an image with boxes.
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
        """Score the maps of one radiograph; return the values for its row and the paths of the overlays.

        Args:
            job: Job of the radiograph.
            prepared: Network input of the same radiograph.
            classifier: Classifier that makes the maps.
            drawn: Findings to draw a map overlay for, written to ``<stem>_<finding>.png``.

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
    """Restore one entry of the ``cases`` of a row."""
    lists = {name: tuple(row[name]) for name in ("ious", "iobbs")}
    return LocalisedCase(**{**row, **lists, "patient": patient_of(row["image"])})


def outlined(pixels: npt.NDArray[np.float32], boxes: Sequence[FindingBox]) -> npt.NDArray[np.float32]:
    """Return a copy of (H, W) pixels with the boxes drawn in white."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    width = max(1, max(pixels.shape) // 256)
    for box in boxes:
        draw.rectangle((box.x, box.y, box.x + box.width, box.y + box.height), outline=1.0, width=width)
    return np.asarray(picture, np.float32)


def _as_json(case: LocalisedCase) -> dict[str, Any]:
    """Convert a case to JSON values, without the patient, which follows from the name of the image."""
    return {name: value for name, value in asdict(case).items() if name != "patient"}
