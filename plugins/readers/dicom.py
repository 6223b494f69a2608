"""Reader of CR and DX radiographs in DICOM files: one file or a folder tree."""

from __future__ import annotations

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from cxrtk import CxrReadError, DataError, Radiograph, Reader, pixels, readers

KEYWORDS = (
    "Modality",
    "PatientID",
    "PatientSex",
    "PatientAge",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "ViewPosition",
    "ImageLaterality",
    "Laterality",
    "Rows",
    "Columns",
)
KEY_LENGTH = 16  # hexadecimal digits: 64 bits, so no collision is expected below a billion patients
OLDEST = 90  # higher ages identify persons, and are reported as this age (US HIPAA, 45 CFR 164.514)
_AGE = re.compile(r"(\d{1,3})([YMWD])")
_CODE = re.compile(r"[A-Z0-9_ ]{1,16}")
_PER_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365}

logger = logging.getLogger(__name__)


@readers.register("dicom")
class DicomReader(Reader):
    """Reader of DICOM radiographs, which uses `cxrtk.pixels.read_dicom`; it has no labels.

    Files are identified by content, whatever their names. Files that are not DICOM or of another modality are
    counted in the log; files with a damaged header are named there.

    Patients, studies and series are identified by a hash of their identifier and of a salt. The hash keeps
    splits by patient stable: a patient below the same root has the same key in every run. By default the salt
    is the name of the root folder, which can be guessed, and short identifiers can be recovered by brute
    force. If keys leave your institution, set `patient_salt` to a long secret, and keep it.

    Args:
        root: A folder, searched recursively, or one file.
        modalities: Values of (0008,0060) Modality to list and read, with an empty string for files without
            one; ``None`` for any image.
        voi: ``auto``, ``lut``, ``window``, ``percentile`` or ``none``; see `cxrtk.pixels.read_dicom`.
        patient_salt: Salt of the hashes; ``None`` for the name of the root folder.
        refuse: Flags (`cxrtk.pixels.FLAGS`) of images to leave out, such as ``["lateral"]``.
    """

    def __init__(
        self,
        root: str | Path,
        modalities: Sequence[str] | None = ("CR", "DX", "RG", ""),
        voi: str = "auto",
        patient_salt: str | None = None,
        refuse: Sequence[str] = (),
    ) -> None:
        self.root = Path(root)
        self.modalities = modalities
        self.voi = voi
        self.refuse = refuse
        folder = self.root.resolve().parent if self.root.is_file() else self.root.resolve()
        self._salt = folder.name if patient_salt is None else patient_salt

    def items(self) -> list[dict[str, Any]]:
        """List one dict per file, sorted by path relative to the root.

        Keys are ``image``; ``patient``, ``study`` and ``series`` (hashes); ``modality``, ``view``,
        ``laterality`` and ``sex`` as in the file; ``age`` in whole years, at most 90; ``rows`` and
        ``columns``. Unknown values are ``None``. A file without PatientID is assigned to its study, or to a
        patient of its own.

        Raises:
            DataError: The root does not exist, or there is no radiograph below it.
        """
        return [dict(item) for item in self._items]

    def read(self, path: str | Path) -> Radiograph:
        """Read one file; see `cxrtk.pixels.read_dicom`."""
        return pixels.read_dicom(path, modalities=self.modalities, voi=self.voi, refuse=self.refuse)

    @cached_property
    def _items(self) -> list[dict[str, Any]]:
        if not self.root.exists():
            raise DataError(f"{self.root.resolve()}: no such file or folder; check root.")
        items, left_out, nameless = [], Counter[str](), 0
        for path in pixels.walk_files(self.root):
            try:
                if not pixels.is_dicom(path):
                    left_out["not DICOM"] += 1
                    continue
                header = pixels.read_dicom_header(path, KEYWORDS)
                flagged = [flag for flag in self._flags(path) if flag in self.refuse]
            except CxrReadError as error:
                logger.warning("Left out: %s", error)
                left_out["unreadable"] += 1
                continue
            if self.modalities is not None and header["Modality"] not in self.modalities:
                left_out[f"modality {header['Modality'] or 'missing'}"] += 1
            elif not header["Rows"]:
                left_out["without an image"] += 1
            elif flagged:
                left_out[f"flagged {flagged[0]}"] += 1
            else:
                items.append(self._item(path, header))
                nameless += not header["PatientID"]
        counts = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items())) or "none"
        if not items:
            raise DataError(f"No DICOM radiograph in {self.root.resolve()}; files left out: {counts}.")
        logger.info("%d DICOM radiographs in %s; files left out: %s.", len(items), self.root, counts)
        if nameless:
            logger.warning("%d of %d files have no PatientID and count by study.", nameless, len(items))
        return items

    def _flags(self, path: Path) -> Mapping[str, str]:
        """Return the flags of the header; none if no flags are refused, which saves a second read."""
        return pixels.read_dicom_flags(path) if self.refuse else {}

    def _item(self, path: Path, header: dict[str, str]) -> dict[str, Any]:
        patient = header["PatientID"] or header["StudyInstanceUID"] or path.relative_to(self.root).as_posix()
        return {
            "image": str(path),
            "patient": self._key(patient),
            "study": self._key(header["StudyInstanceUID"]),
            "series": self._key(header["SeriesInstanceUID"]),
            "modality": _code(header["Modality"]),
            "view": _code(header["ViewPosition"]),
            "laterality": _code(header["ImageLaterality"] or header["Laterality"]),
            "sex": _code(header["PatientSex"]),
            "age": _years(header["PatientAge"]),
            "rows": _number(header["Rows"]),
            "columns": _number(header["Columns"]),
        }

    def _key(self, identifier: str) -> str | None:
        if not identifier:
            return None
        return hashlib.sha256(f"{self._salt}{identifier}".encode()).hexdigest()[:KEY_LENGTH]


def _code(text: str) -> str | None:
    """Return `text` if it is a DICOM code string; other text may identify a patient, and is withheld."""
    return text if _CODE.fullmatch(text) else None


def _years(age: str) -> int | None:
    """Return the age in whole years of an Age String (DICOM AS) such as ``045Y`` or ``018M``."""
    match = _AGE.fullmatch(age)
    return None if match is None else min(int(match[1]) // _PER_YEAR[match[2]], OLDEST)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
