"""Reader of MIMIC-CXR-JPG: JPEG files, and the labels of each study by an automatic labeller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxrtk import DataError, labels, readers

DATASET = {
    "title": "MIMIC-CXR-JPG: 377,110 radiographs of 65,379 patients, 14 labels a study; no masks",
    "home": "https://physionet.org/content/mimic-cxr-jpg/",
    "licence": "PhysioNet Credentialed Health Data License",
    "terms": "credentialed users with training in human research and a signed agreement; no redistribution",
    "citation": "Johnson AEW et al. arXiv:1901.07042; data: doi:10.13026/8360-t248",
}

PREFIX = "mimic-cxr-2.0.0-"
LABELLERS = ("chexpert", "negbio")
PARTS = ("train", "validate", "test")
FINDINGS = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Enlarged Cardiomediastinum", "Fracture",
    "Lung Lesion", "Lung Opacity", "Pleural Effusion", "Pleural Other", "Pneumonia", "Pneumothorax",
    "Support Devices",
)  # fmt: skip
_ABOUT = ("dicom_id", "subject_id", "study_id", "ViewPosition")


@readers.register("mimic_cxr_jpg")
class MimicCxrJpg(labels.TableReader):
    """Reader of ``files/p10/p10000032/s50414267/<dicom_id>.jpg`` and the tables beside ``files/``; no masks.

    ``mimic-cxr-2.0.0-metadata.csv`` lists the images, ``-chexpert.csv`` or ``-negbio.csv`` the labels of each
    study, ``-split.csv`` the official parts; they may be plain or ``.gz``. A label is 1 (present), 0
    (absent), -1 (uncertain) or blank (not mentioned); the arguments `uncertain` and `blank` set how the last
    two are interpreted. Images of studies without a label are left out.

    The columns are ``image``; ``patient``, the subject; ``study``; ``view`` as in the metadata; ``findings``,
    a tuple, ``("No Finding",)`` if there is none; ``uncertain`` and ``blank``, tuples of the findings with -1
    and without a value.

    Args:
        root: Folder with ``files/`` and the tables.
        labeller: Labeller that wrote the labels, ``chexpert`` or ``negbio``.
        split: Official part to read, ``train``, ``validate`` or ``test``; ``None`` for all.
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
        labeller: str = "chexpert",
        split: str | None = None,
        findings: Sequence[str] | None = None,
        uncertain: str = "negative",
        blank: str = "negative",
        views: Sequence[str] | None = None,
    ) -> None:
        policy = labels.FindingPolicy(FINDINGS, findings, uncertain, blank)
        _check_one_of("labeller", labeller, LABELLERS)
        self.table = labels.find_table(root, (f"{PREFIX}metadata.csv",))
        table = labels.find_table(root, (f"{PREFIX}{labeller}.csv",))
        kept = None if split is None else _part(Path(root), split)
        studies: dict[str, dict[str, Any] | None] = {}
        for line, row in labels.read_rows(table, needed=("study_id", *policy.names)):
            try:
                studies[row["study_id"]] = policy.findings_of(row)
            except ValueError as error:
                raise DataError(f"{table}: line {line}: {error}; correct it.") from error
        self.rows = []
        left: Counter[str] = Counter()
        missing = []
        for line, row in labels.read_rows(self.table, needed=_ABOUT):
            path = Path(root) / _path(self.table, line, row)
            found = studies.get(row["study_id"])
            if kept is not None and row["dicom_id"] not in kept:
                left["rows of other parts are left out"] += 1
            elif views is not None and row["ViewPosition"] not in views:
                left["rows of other views are left out"] += 1
            elif row["study_id"] not in studies:
                left["rows of studies without labels are left out"] += 1
            elif found is None:
                left["rows with uncertain or blank labels are left out"] += 1
            elif not path.is_file():
                left["rows have no image"] += 1
                missing.append(row["dicom_id"])
            else:
                about = {
                    "patient": row["subject_id"],
                    "study": row["study_id"],
                    "view": row["ViewPosition"] or None,
                }
                self.rows.append({"image": str(path), **about, **found})
        layout = "expected files/p10/p10000032/s50414267/<dicom_id>.jpg next to the tables"
        labels.report_rows(self.table, len(self.rows), left, missing, layout)


def _path(table: Path, line: int, row: dict[str, str]) -> str:
    subject, study, image = row["subject_id"], row["study_id"], row["dicom_id"]
    if not (subject.isdecimal() and study.isdecimal() and image.replace("-", "").isalnum()):
        raise DataError(
            f"{table}: line {line}: subject_id, study_id or dicom_id is not an identifier; correct it."
        )
    return f"files/p{subject[:2]}/p{subject}/s{study}/{image}.jpg"


def _part(root: Path, split: str) -> set[str]:
    _check_one_of("split", split, PARTS)
    table = labels.find_table(root, (f"{PREFIX}split.csv",))
    rows = labels.read_rows(table, needed=("dicom_id", "split"))
    return {row["dicom_id"] for _, row in rows if row["split"] == split}


def _check_one_of(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise DataError(f"{what} must be one of {', '.join(known)}, not {value!r}.")
