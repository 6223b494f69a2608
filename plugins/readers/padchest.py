"""Reader of PadChest: 16-bit PNG files, and the labels of their reports."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cxrtk import ConfigError, DataError, labels, readers

DATASET = {
    "title": "PadChest: 160,868 radiographs of 67,625 patients, 174 findings and 19 diagnoses; no masks",
    "home": "https://bimcv.cipf.es/bimcv-projects/padchest/",
    "licence": "PADCHEST Dataset Research Use Agreement",
    "terms": "research, no commercial use, no redistribution; cite the paper",
    "citation": "Bustos A et al. Med Image Anal 2020;66:101797, doi:10.1016/j.media.2020.101797",
}

TABLES = ("PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv",)
NORMAL, NO_FINDING = "normal", "No Finding"
BLANK = ("leave_out", "negative")
METHODS = ("Physician", "RNN_model")
_COLUMNS = ("ImageID", "ImageDir", "PatientID", "PatientSex_DICOM", "Projection", "MethodLabel", "Labels")
_LONGEST = 1 << 16  # characters of a list of labels


@readers.register("padchest")
class PadChest(labels.TableReader):
    """Reader of ``<ImageDir>/<ImageID>``, or images in the root itself, and the published table; no masks.

    The labels were written by physicians for a quarter of the reports, and by a network for the others
    (``method``). The argument `blank` sets how a report without labels is interpreted.

    The columns are ``image``; ``patient``; ``sex`` (M, F, O, as written); ``view``, the projection, such as
    ``PA``, ``L`` or ``AP_horizontal``; ``method``; ``findings``, a tuple of the labels in the order of the
    table, where ``normal`` alone becomes ``("No Finding",)``.

    Args:
        root: Folder with the table, and with the images in it or in ``0/`` to ``54/``.
        table: Path of the table below `root`; by default the published one, plain or ``.gz``.
        blank: Images with an unlabelled report: ``leave_out``, or ``negative`` for ``("No Finding",)``.
        views: Projections to keep, such as ``["PA", "AP"]``.
        method: Labels to keep: ``Physician`` for those of physicians, ``RNN_model`` for those of the network,
            ``None`` for both.

    Raises:
        ConfigError: `blank` or `method` is unknown.
        DataError: The table is missing or invalid (the message names the line), or no image is left.
    """

    def __init__(
        self,
        root: str | Path,
        table: str | None = None,
        blank: str = "leave_out",
        views: Sequence[str] | None = None,
        method: str | None = None,
    ) -> None:
        if blank not in BLANK:
            raise ConfigError(f"blank must be one of {', '.join(BLANK)}, not {blank!r}.")
        if method not in (None, *METHODS):
            raise ConfigError(f"method must be one of {', '.join(METHODS)}, not {method!r}.")
        self.table = labels.find_table(root, TABLES, table)
        self.rows = []
        left: Counter[str] = Counter()
        missing = []
        for line, row in labels.read_rows(self.table, needed=_COLUMNS):
            try:
                path = _path(Path(root), row)
                findings = _labels(row["Labels"])
            except ValueError as error:
                raise DataError(f"{self.table}: line {line}: {error}; correct it.") from error
            if not row["PatientID"]:
                raise DataError(f"{self.table}: line {line}: has no PatientID; fill it in.")
            if method is not None and row["MethodLabel"] != method:
                left["rows of the other method are left out"] += 1
            elif views is not None and row["Projection"] not in views:
                left["rows of other views are left out"] += 1
            elif not findings and blank == "leave_out":
                left["rows without labels are left out"] += 1
            elif path is None:
                left["rows have no image"] += 1
                missing.append(row["ImageID"])
            else:
                self.rows.append(
                    {
                        "image": str(path),
                        "patient": row["PatientID"],
                        "sex": row["PatientSex_DICOM"] or None,
                        "view": row["Projection"] or None,
                        "method": row["MethodLabel"] or None,
                        "findings": findings or (NO_FINDING,),
                    }
                )
        layout = "expected 0/20536686640136348236148679891455886468_k6ga29.png and so on next to the table"
        labels.report_rows(self.table, len(self.rows), left, missing, layout)


def _path(root: Path, row: dict[str, str]) -> Path | None:
    """Return the image in its numbered folder or in the root; ``None`` where there is none."""
    folder = row["ImageDir"].removesuffix(".0")
    paths = [labels.image_at(root, name) for name in (f"{folder}/{row['ImageID']}", row["ImageID"])]
    return next((path for path in paths if path.is_file()), None)


def _labels(text: str) -> tuple[str, ...]:
    """Parse a list such as ``['pulmonary fibrosis', 'kyphosis']``; raise ValueError for other text."""
    if not text.strip() or text.strip().lower() == "nan":
        return ()
    if len(text) > _LONGEST:
        raise ValueError(f"Labels has {len(text)} characters")
    try:
        stated = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError("Labels is not a list of texts") from error
    if not isinstance(stated, list) or not all(isinstance(label, str) for label in stated):
        raise ValueError("Labels is not a list of texts")
    found = tuple(dict.fromkeys(label.strip() for label in stated if label.strip()))
    return (NO_FINDING,) if found == (NORMAL,) else tuple(label for label in found if label != NORMAL)
