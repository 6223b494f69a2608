"""Reader of CheXpert: JPEG files, and labels of an automatic labeller, some of them uncertain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxrtk import DataError, labels, readers

DATASET = {
    "title": "CheXpert: 224,316 radiographs of 65,240 patients, 14 labels by an automatic labeller; no masks",
    "home": "https://stanfordmlgroup.github.io/competitions/chexpert/",
    "licence": "Stanford University Dataset Research Use Agreement",
    "terms": "register; research, no commercial use, no redistribution",
    "citation": "Irvin J et al. AAAI 2019;33:590-597, doi:10.1609/aaai.v33i01.3301590",
}

TABLES = ("train.csv", "valid.csv")
FOLDERS = ("CheXpert-v1.0", "CheXpert-v1.0-small")
FINDINGS = (
    "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation",
    "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture",
    "Support Devices",
)  # fmt: skip
_ABOUT = ("Path", "Sex", "Age", "Frontal/Lateral", "AP/PA")
_PATIENT = re.compile(r"patient\d+")
_SEX = {"Male": "M", "Female": "F"}


@readers.register("chexpert")
class CheXpert(labels.TableReader):
    """Reader of the images of ``train.csv``, or of another table, by their paths; there are no masks.

    A label is 1 (present), 0 (absent), -1 (uncertain) or blank (not mentioned). The arguments `uncertain` and
    `blank` set how the last two are interpreted; by default both count as absent (for uncertain findings this
    is the "U-Zeros" policy of the publication).

    The columns are ``image``; ``patient``, the name of the folder; ``sex`` (M, F); ``age`` in whole years;
    ``view`` (AP, PA, LL, RL, or ``Lateral`` if the table gives no detail); ``findings``, a tuple,
    ``("No Finding",)`` if there is none; ``uncertain`` and ``blank``, tuples of the findings with -1 and
    without a value.

    Args:
        root: Folder of the tables, or the folder that contains ``CheXpert-v1.0-small/`` with the tables.
        table: Path of the table below `root`; by default ``train.csv``, or ``valid.csv`` if it is missing.
        findings: Labels to read, such as ``["Edema"]``; by default all 13 except ``No Finding``.
        uncertain: Meaning of an uncertain finding: ``negative``, ``positive``, or ``leave_out`` the image.
        blank: Meaning of a finding that is not mentioned: ``negative``, or ``leave_out`` the image.
        views: Views to keep, such as ``["AP", "PA"]``.

    Raises:
        ConfigError: A policy is unknown.
        DataError: A table is missing or invalid (the message names the line), or no image is left.
    """

    def __init__(
        self,
        root: str | Path,
        table: str | None = None,
        findings: Sequence[str] | None = None,
        uncertain: str = "negative",
        blank: str = "negative",
        views: Sequence[str] | None = None,
    ) -> None:
        policy = labels.FindingPolicy(FINDINGS, findings, uncertain, blank)
        base = next(
            (Path(root) / name for name in FOLDERS if (Path(root) / name / TABLES[0]).is_file()), Path(root)
        )
        self.table = labels.find_table(base, TABLES, table)
        images = self.table.parent if self.table.parent.name in FOLDERS else base
        self.rows = []
        left: Counter[str] = Counter()
        missing = []
        for line, row in labels.read_rows(self.table, needed=(*_ABOUT, *policy.names)):
            try:
                path = labels.image_at(images, row["Path"], FOLDERS)
                found = policy.findings_of(row)
                item = {"image": str(path), **_about(row)}
            except (ValueError, OverflowError) as error:
                raise DataError(f"{self.table}: line {line}: {error}; correct it.") from error
            if found is None:
                left["rows with uncertain or blank labels are left out"] += 1
            elif views is not None and item["view"] not in views:
                left["rows of other views are left out"] += 1
            elif not path.is_file():
                left["rows have no image"] += 1
                missing.append(row["Path"])
            else:
                self.rows.append(item | found)
        layout = "expected train/patient00001/study1/view1_frontal.jpg below the folder of the table"
        labels.report_rows(self.table, len(self.rows), left, missing, layout)


def _about(row: dict[str, str]) -> dict[str, Any]:
    patient = next((part for part in row["Path"].split("/") if _PATIENT.fullmatch(part)), None)
    if patient is None:
        raise ValueError(f"{row['Path'][:80]!r} has no folder of a patient")
    return {
        "patient": patient,
        "sex": _SEX.get(row["Sex"]),
        "age": int(float(row["Age"])) if row["Age"] else None,
        "view": row["AP/PA"] or row["Frontal/Lateral"],
    }
