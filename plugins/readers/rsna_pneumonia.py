"""Reader of the RSNA Pneumonia Detection Challenge: DICOM files, and boxes of lung opacities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk import CxrReadError, DataError, Label, labels, pixels, readers

DATASET = {
    "title": "RSNA Pneumonia Detection: 26,684 radiographs of ChestX-ray14 with boxes of opacities; no masks",
    "home": "https://www.rsna.org/rsnai/ai-image-challenge/rsna-pneumonia-detection-challenge-2018",
    "licence": "terms of the challenge",
    "terms": "register and accept the terms; research and education; name RSNA and the NIH",
    "citation": "Shih G et al. Radiol Artif Intell 2019;1:e180041, doi:10.1148/ryai.2019180041",
}

TABLES = ("stage_2_train_labels.csv", "stage_1_train_labels.csv")
DETAILS = ("stage_2_detailed_class_info.csv", "stage_1_detailed_class_info.csv")
SIZE = (1024, 1024)  # (H, W) of the published files; the boxes are in their pixels
CLASSES = ("lung_opacity",)
_BOX = ("x", "y", "width", "height")

Box = tuple[float, float, float, float]  # left, upper, right, lower edge


@readers.register("rsna_pneumonia")
class RsnaPneumonia(labels.TableReader):
    """Reader of the DICOM files named in ``stage_2_train_labels.csv``, anywhere below the root, with boxes.

    A mask consists of the filled boxes of lung opacities: `Label.classes` is ``("lung_opacity",)``, never
    lungs. Images without a box have an empty mask.

    The columns are ``image``; ``patient``; ``findings``, ``("Lung Opacity",)`` or ``("No Finding",)``;
    ``detail``, the class in ``stage_2_detailed_class_info.csv`` (``Normal``, ``Lung Opacity``, ``No Lung
    Opacity / Not Normal``), ``None`` without that table; ``boxes``, a tuple of left, upper, right and lower
    edge in pixels.

    Args:
        root: Folder of the tables and the images, such as ``stage_2_train_images/``.
        table: Path of the table below `root`; by default ``stage_2_train_labels.csv``.
        patients: Table with the columns ``image`` and ``patient``. The publisher's ``patientId`` names a
            single image; without this table each image counts as its own patient, although in ChestX-ray14,
            their source, patients have several images.

    Raises:
        DataError: A table is missing or invalid (the message names the line), or no image is left.
    """

    def __init__(self, root: str | Path, table: str | None = None, patients: str | None = None) -> None:
        self.table = labels.find_table(root, TABLES, table)
        boxes = _boxes(self.table)
        details = _details(Path(root))
        there = labels.images_by_stem(Path(root))
        images = {stem: there[stem] for stem in boxes if stem in there}
        missing = [stem for stem in boxes if stem not in there]
        left = Counter({"images of the table are not there": len(missing)})
        labels.report_rows(self.table, len(images), left, missing, "put the DICOM files below the root")
        owners = labels.patients_of(patients, images)
        self._boxes = {path: boxes[stem] for stem, path in images.items()}
        self.rows = [
            {
                "image": path,
                "patient": owners[stem],
                "findings": ("Lung Opacity",) if boxes[stem] else ("No Finding",),
                "detail": details.get(stem),
                "boxes": boxes[stem],
            }
            for stem, path in images.items()
        ]

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the boxes of opacities, drawn by radiologists, as one mask; empty if there are none."""
        boxes = self._boxes.get(str(item["image"]))
        if boxes is None:
            return None
        labels.check_size_of(self.table, SIZE, pixels.displayed_size(item["image"]), str(item["image"]))
        try:
            mask = labels.box_mask(boxes, SIZE)
        except ValueError as error:
            what = f"{Path(item['image']).stem}: {error}"
            raise CxrReadError(self.table, what, cure="download it again", code="label") from error
        return Label(mask[None], CLASSES, truth="human")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether the table has a row of the image."""
        return str(item["image"]) in self._boxes

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and of the table."""
        return [str(item["image"]), str(self.table)]


def _boxes(table: Path) -> dict[str, tuple[Box, ...]]:
    """Map images to boxes; a row with Target 0 has none."""
    found: dict[str, tuple[Box, ...]] = {}
    for line, row in labels.read_rows(table, needed=("patientId", *_BOX, "Target")):
        cells = [row[name].strip() for name in _BOX]
        if (
            row["Target"] not in ("0", "1")
            or any(cells) != all(cells)
            or (row["Target"] == "1") != all(cells)
        ):
            raise DataError(f"{table}: line {line}: Target must be 1 with a box, or 0 without; correct it.")
        here = found.get(row["patientId"], ())
        if row["Target"] == "0":
            found[row["patientId"]] = here
            continue
        try:
            x, y, width, height = map(float, cells)
        except ValueError as error:
            raise DataError(f"{table}: line {line}: a box is four numbers; correct it.") from error
        found[row["patientId"]] = (*here, (x, y, x + width, y + height))
    return found


def _details(root: Path) -> dict[str, str]:
    table = next((root / name for name in DETAILS if (root / name).is_file()), None)
    if table is None:
        return {}
    rows = labels.read_rows(table, needed=("patientId", "class"))
    return {row["patientId"]: row["class"] for _, row in rows}
