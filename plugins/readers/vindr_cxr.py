"""Reader of VinDr-CXR: DICOM files, and boxes of findings by several radiologists each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk import ConfigError, CxrReadError, DataError, Label, labels, pixels, readers

DATASET = {
    "title": "VinDr-CXR: 18,000 frontal radiographs with boxes of 22 findings; no masks of lungs",
    "home": "https://physionet.org/content/vindr-cxr/",
    "licence": "PhysioNet Credentialed Health Data License",
    "terms": "credentialed users with training in human research and a signed agreement; no redistribution",
    "citation": (
        "Nguyen HQ et al. Sci Data 2022;9:429, doi:10.1038/s41597-022-01498-w; data: doi:10.13026/3akn-b287"
    ),
}

PARTS = ("train", "test")
NOTHING = "No finding"
CONSENSUS = "consensus"  # of five radiologists, who have no numbers in the table of the test part
_BOX = ("x_min", "y_min", "x_max", "y_max")

Box = tuple[float, float, float, float]


@dataclass
class _Image:
    """The radiologists who read an image, and their boxes by finding."""

    readers: set[str] = field(default_factory=set)
    boxes: dict[str, list[tuple[str, Box]]] = field(default_factory=dict)

    def agreed(self, agreement: int) -> dict[str, tuple[Box, ...]]:
        """Return the boxes of the findings that at least the given number of radiologists saw."""
        return {
            name: tuple(box for _, box in boxes)
            for name, boxes in self.boxes.items()
            if len({reader for reader, _ in boxes} - {CONSENSUS}) >= agreement
            or (CONSENSUS, boxes[0][1]) in boxes
        }


@readers.register("vindr_cxr")
class VindrCxr(labels.TableReader):
    """Reader of the DICOM files named in ``annotations_train.csv``, anywhere below the root, with its boxes.

    The table may be that of PhysioNet, in the root or in its ``annotations/``, or ``train.csv`` of the
    challenge on Kaggle. `Label.classes` are the findings, in lower case with underscores, such as
    ``cardiomegaly`` or ``pleural_effusion``, never lungs: each mask consists of the filled boxes of one
    finding.

    The columns are ``image``; ``patient``, one per image, since the publisher states no patients;
    ``findings``, a tuple of the names in the table, ``("No Finding",)`` if there is none; ``radiologists``,
    the number of radiologists who read the image.

    Args:
        root: Folder of the images, such as ``train/``, with the table.
        part: Part to read: ``train``, where three radiologists read each image independently, or ``test``,
            with a consensus of five.
        table: Path of the table below `root`, instead of the table of the part.
        agreement: Number of radiologists who must have seen a finding, 1 to 3; 1 for the part ``test``.
        classes: Findings to provide masks for, as in the table; by default all that have a box in it.
        patients: Table with the columns ``image`` and ``patient``, if available.

    Raises:
        ConfigError: `part`, `agreement` or `classes` has an unsupported value.
        DataError: The table is missing or invalid (the message names the line), or no image is left.
    """

    def __init__(
        self,
        root: str | Path,
        part: str = "train",
        table: str | None = None,
        agreement: int = 1,
        classes: Sequence[str] | None = None,
        patients: str | None = None,
    ) -> None:
        if part not in PARTS or not 1 <= agreement <= 3:
            raise ConfigError(
                f"part must be one of {', '.join(PARTS)}, agreement 1 to 3, not {part!r}, {agreement}."
            )
        names = (f"annotations_{part}.csv", f"annotations/annotations_{part}.csv", f"{part}.csv")
        self.table = labels.find_table(root, names, table)
        annotated = _read(self.table)
        self.classes = _classes(annotated, classes)
        there = labels.images_by_stem(Path(root))
        images = {stem: there[stem] for stem in annotated if stem in there}
        missing = [stem for stem in annotated if stem not in there]
        left = Counter({"images of the table are not there": len(missing)})
        labels.report_rows(self.table, len(images), left, missing, "put the DICOM files below the root")
        owners = labels.patients_of(patients, images)
        self._boxes = {path: annotated[stem].agreed(agreement) for stem, path in images.items()}
        self.rows = [
            {
                "image": path,
                "patient": owners[stem],
                "findings": tuple(self._boxes[path]) or ("No Finding",),
                "radiologists": len(annotated[stem].readers - {CONSENSUS}) or 5,
            }
            for stem, path in images.items()
        ]

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the boxes of each finding as a mask; empty if the image does not have the finding."""
        boxes = self._boxes.get(str(item["image"]))
        if boxes is None or not self.classes:
            return None
        size = pixels.displayed_size(item["image"])
        try:
            masks = np.stack([labels.box_mask(boxes.get(name, ()), size) for name in self.classes])
        except ValueError as error:
            what = f"{Path(item['image']).stem}: {error}"
            cure = "use the images at their published size"
            raise CxrReadError(self.table, what, cure=cure, code="label") from error
        return Label(masks, tuple(map(labels.class_of, self.classes)), truth="human")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether the table has a row for the image, and contains any boxes."""
        return str(item["image"]) in self._boxes and bool(self.classes)

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and of the table."""
        return [str(item["image"]), str(self.table)]


def _read(table: Path) -> dict[str, _Image]:
    """Map images to the radiologists' boxes; a row of "No finding" has no box."""
    found: dict[str, _Image] = {}
    for line, row in labels.read_rows(table, needed=("image_id", "class_name", *_BOX)):
        image = found.setdefault(row["image_id"], _Image())
        reader = row.get("rad_id", CONSENSUS)
        image.readers.add(reader)
        if row["class_name"] == NOTHING:
            continue
        try:
            left, top, right, bottom = (float(row[name]) for name in _BOX)
        except ValueError as error:
            raise DataError(f"{table}: line {line}: a box is four numbers; correct it.") from error
        image.boxes.setdefault(row["class_name"], []).append((reader, (left, top, right, bottom)))
    return found


def _classes(annotated: Mapping[str, _Image], classes: Sequence[str] | None) -> tuple[str, ...]:
    known = sorted({name for image in annotated.values() for name in image.boxes})
    if classes is None:
        return tuple(known)
    unknown = [name for name in classes if name not in known]
    if isinstance(classes, str) or unknown or not classes:
        raise ConfigError(f"classes must be a list of {', '.join(known)}, not {classes!r}.")
    return tuple(classes)
