"""Reader of SIIM-ACR Pneumothorax Segmentation: DICOM files, and masks of the pneumothorax as run lengths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk import CxrReadError, DataError, Label, labels, pixels, readers

DATASET = {
    "title": "SIIM-ACR Pneumothorax Segmentation: radiographs of ChestX-ray14 with masks of pneumothoraces",
    "home": "https://www.kaggle.com/competitions/siim-acr-pneumothorax-segmentation",
    "licence": "rules of the competition",
    "terms": "register and accept the rules; research and education, no commercial use",
    "citation": "Filice RW et al. J Digit Imaging 2020;33:490-496, doi:10.1007/s10278-019-00299-9",
}

TABLES = ("train-rle.csv", "stage_2_train.csv", "train-rle-sample.csv")
SIZE = (1024, 1024)  # (H, W) of the published files, on which the masks are drawn
CLASSES = ("pneumothorax",)
NONE = "-1"


@readers.register("siim_acr")
class SiimAcr(labels.TableReader):
    """Reader of the DICOM files named in ``train-rle.csv``, anywhere below the root, with its masks.

    A mask shows the pneumothorax, not the lungs: `Label.classes` is ``("pneumothorax",)``. Images without a
    pneumothorax have an empty mask. The masks of several rows of one image are merged. A row with a blank
    mask states nothing about its image.

    The columns are ``image``; ``patient``; ``findings``, ``("Pneumothorax",)`` or ``("No Finding",)``.

    Args:
        root: Folder of the table and the images, such as ``dicom-images-train/``.
        table: Path of the table below `root`; by default ``train-rle.csv`` or ``stage_2_train.csv``.
        blank: Images with a blank mask: ``leave_out``, or ``negative`` for an empty mask.
        patients: Table with the columns ``image`` and ``patient``. The publisher states no patients; without
            this table each image counts as its own patient, although in ChestX-ray14, their source, patients
            have several images.

    Raises:
        DataError: The table is missing or invalid (the message names the line), or no image is left.
    """

    def __init__(
        self,
        root: str | Path,
        table: str | None = None,
        blank: str = "leave_out",
        patients: str | None = None,
    ) -> None:
        labels.check_policy("negative", blank)
        self.table = labels.find_table(root, TABLES, table)
        runs: dict[str, list[str]] = {}
        left: Counter[str] = Counter()
        for line, row in labels.read_rows(self.table, needed=("ImageId", "EncodedPixels")):
            text = row["EncodedPixels"].strip()
            if not row["ImageId"]:
                raise DataError(f"{self.table}: line {line}: names no image; fill it in.")
            if not text and blank == "leave_out":
                left["rows with a blank mask are left out"] += 1
                continue
            masks = runs.setdefault(row["ImageId"], [])
            masks += [text] if text not in ("", NONE) else []
        there = labels.images_by_stem(Path(root))
        images = {stem: there[stem] for stem in runs if stem in there}
        missing = [stem for stem in runs if stem not in there]
        left["images of the table are not there"] = len(missing)
        labels.report_rows(self.table, len(images), left, missing, "put the DICOM files below the root")
        owners = labels.patients_of(patients, images)
        self._runs = {path: tuple(runs[stem]) for stem, path in images.items()}
        self.rows = [
            {
                "image": path,
                "patient": owners[stem],
                "findings": ("Pneumothorax",) if runs[stem] else ("No Finding",),
            }
            for stem, path in images.items()
        ]

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the mask of the pneumothorax, drawn by radiologists; empty if there is none."""
        runs = self._runs.get(str(item["image"]))
        if runs is None:
            return None
        size = pixels.displayed_size(item["image"])
        labels.check_size_of(self.table, SIZE, size, str(item["image"]))
        mask = np.zeros(SIZE, np.uint8)
        for text in runs:
            try:
                mask |= labels.decode_relative(text, *SIZE)
            except ValueError as error:
                what = f"{Path(item['image']).stem}: {error}"
                raise CxrReadError(self.table, what, cure="download it again", code="label") from error
        return Label(mask[None], CLASSES, truth="human")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether the table has a row of the image; no mask is decoded."""
        return str(item["image"]) in self._runs

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and of the table."""
        return [str(item["image"]), str(self.table)]
