"""The radiograph's file as the source of DICOM objects: the attributes that they receive from it.

**Copied attributes.** A derived object belongs to the patient and study of its image. It receives the
attributes that PS3.3 requires (types 1 and 2, with their conditions) of Patient (C.7.1.1), General Study
(C.7.2.1) and Patient Study (C.7.2.2), the issuers without which those identifiers are ambiguous, and the
attributes that record de-identification. All values are copied unchanged, even invalid ones. No other text
entered by a person is copied: no comments, history, description, institution, operator or device, and no
private attribute. The library that builds the object does not receive these values, as its warnings quote
them.

**Geometry** is never invented. `Source.image` has the size of the image, and its PixelAspectRatio if pixels
are not square. It never has a frame of reference, plane or spacing: a projection has no plane in the patient,
and CR and DX files state none. Pixel (r, c) of a derived image is pixel (r, c) of the file's stored matrix;
the pixel spacing and its meaning are found in the source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID

from cxrtk.api import Segmentation
from cxrtk.data.pixels.content import open_regular
from cxrtk.data.pixels.dicom import is_dicom
from cxrtk.data.pixels.dicom.flags import LOSSY
from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS, DicomFile, parse
from cxrtk.data.pixels.dicom.spacing import find_spacing
from cxrtk.data.pixels.dicom.values import MISSING, code, tag, value_of
from cxrtk.errors import CxrReadError

PATIENT = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "IssuerOfPatientID",
    "PatientSpeciesDescription",
    "PatientSpeciesCodeSequence",
    "PatientBreedDescription",
    "PatientBreedCodeSequence",
    "BreedRegistrationSequence",
    "PatientSexNeutered",
    "ResponsiblePerson",
    "ResponsiblePersonRole",
    "ResponsibleOrganization",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
)
STUDY = (
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "IssuerOfAccessionNumberSequence",
    "ReferringPhysicianName",
    "StudyID",
)
REQUIRED = (
    *PATIENT[:4],
    *(keyword for keyword in STUDY if "Issuer" not in keyword),
)  # type 2: empty if absent
TEXTS = ("SpecificCharacterSet", "TimezoneOffsetFromUTC")  # needed to interpret the other attributes
UIDS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
DATES = ("Content", "Acquisition", "Series", "Study")
# If the source has none: a date is required, and the current date would change the file each time.
NO_DATE = ("19000101", "000000")
LOSSY_COMPRESSION = ("LossyImageCompressionRatio", "LossyImageCompressionMethod")
ORIENTATION = re.compile(r"[LRAPHF]{1,3}")


@dataclass(frozen=True, eq=False)
class Source:
    """DICOM file of a radiograph, as needed to derive an object from it.

    Attributes:
        path: Path of the file.
        image: UIDs, size, aspect ratio and lossy compression; its patient and study attributes are empty.
        identity: The patient and study attributes, unchanged from the file.
        date: Date of the image (DICOM DA): of the content, acquisition, series or study, else 19000101.
        time: Time (DICOM TM) of the attribute that belongs to that date.
        patient_orientation: (0020,0020) if it consists of two directions, otherwise empty.
    """

    path: Path
    image: Dataset
    identity: Dataset
    date: str
    time: str
    patient_orientation: list[str]


def read_source(segmentation: Segmentation, kind: str) -> Source:
    """Read the header of the file that was segmented; pydicom's warnings must be suppressed by the caller.

    Args:
        segmentation: Segmentation that an object is to be derived from.
        kind: Kind of the object for messages, such as ``DICOM SEG``.

    Raises:
        CxrReadError: The file is not a DICOM file, lacks the UIDs needed for a reference, or is no longer the
            image that was segmented.
    """
    path = segmentation.source
    if not is_dicom(path):
        raise CxrReadError(
            path,
            f"is not a DICOM file, to which a {kind} could refer",
            cure="leave out this output type, or convert the image to DICOM",
            code="not_dicom",
        )
    keywords = [*UIDS, *PATIENT, *STUDY, *TEXTS, *_image_keywords()]
    with open_regular(path) as stream:
        file = parse(stream, path, keywords)
        identity = _copied(file, (*PATIENT, *STUDY, *TEXTS), REQUIRED)
        identity.StudyInstanceUID = _uid(file, "StudyInstanceUID")
        date, time = _date(file)
        directions = _directions(file)
        image = _image(file, segmentation.radiograph.pixels.shape)
    return Source(Path(path), image, identity, date, time, directions)


def _image_keywords() -> list[str]:
    dates = [f"{name}{part}" for name in DATES for part in ("Date", "Time")]
    spacing = ["PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio", "PixelSpacingCalibrationType"]
    size = ["Rows", "Columns", "NumberOfFrames", "Modality", "PatientOrientation"]
    return [*dates, *spacing, *size, "LossyImageCompression", *LOSSY_COMPRESSION]


def _image(file: DicomFile, size: Sequence[int]) -> Dataset:
    image = Dataset()
    for keyword in UIDS:
        setattr(image, keyword, _uid(file, keyword))
    for keyword in REQUIRED:
        setattr(image, keyword, None)
    frames = _whole_number(file, "NumberOfFrames") or 1
    if frames != 1:
        raise _unusable(file, f"holds {frames} frames, of which one was segmented", "NumberOfFrames", frames)
    image.Rows, image.Columns = (_whole_number(file, keyword) for keyword in ("Rows", "Columns"))
    if (image.Rows, image.Columns) != tuple(size):
        raise _unusable(
            file,
            f"has {image.Rows} x {image.Columns} pixels, but {size[0]} x {size[1]} were segmented",
            "Rows",
            image.Rows,
        )
    image.Modality = code(file.dataset, "Modality") or "OT"
    aspect = find_spacing(file.dataset, lambda _: None).aspect
    if aspect is not None and _ratio(aspect) != _ratio((1, 1)):
        image.PixelAspectRatio = _ratio(aspect)
    image.LossyImageCompression = "00"
    if code(file.dataset, "LossyImageCompression") == "01" or file.syntax in LOSSY:
        image.LossyImageCompression = "01"
        image.update(_copied(file, LOSSY_COMPRESSION))
    return image


def _copied(file: DicomFile, keywords: Sequence[str], empty: Sequence[str] = ()) -> Dataset:
    """Copy attributes unchanged; absent ones of `empty` are added without a value."""
    found = Dataset()
    for keyword in keywords:
        try:
            value_of(file.dataset, keyword)  # raises for values too long to parse
            if keyword in file.dataset:
                found.add(file.dataset[keyword])
            elif keyword in empty:
                setattr(found, keyword, None)
        except PARSE_ERRORS as error:
            raise _unusable(file, "cannot be read", keyword) from error
    return found


def _uid(file: DicomFile, keyword: str) -> UID:
    """Read a UID as text; leading zeros, which the standard forbids but archives contain, are allowed."""
    try:
        value = str(value_of(file.dataset, keyword) or "").strip(" \0")
    except PARSE_ERRORS as error:
        raise _unusable(file, "cannot be read", keyword) from error
    if not value:
        raise _unusable(file, "has no UID to refer to", keyword, MISSING)
    if not re.fullmatch(r"[0-9.]{1,64}", value):
        raise _unusable(file, "has a UID that is none", keyword)
    return UID(value)


def _whole_number(file: DicomFile, keyword: str) -> int | None:
    try:
        value: Any = value_of(file.dataset, keyword)
        return None if value in (None, "") else int(value)
    except PARSE_ERRORS as error:
        raise _unusable(file, "is not a number", keyword) from error


def _unusable(file: DicomFile, what: str, keyword: str, value: object = None) -> CxrReadError:
    return CxrReadError(
        file.path,
        f"{what}, so no DICOM object can be derived from it",
        tag=tag(keyword, value),
        cure="correct the file, or leave out the output types dicom-seg and dicom-sr",
        code="header",
    )


def _date(file: DicomFile) -> tuple[str, str]:
    """Return date and time from the most specific attribute that has a date."""
    for name in DATES:
        date = _digits(file, f"{name}Date", r"\d{8}")
        if date:
            return date, _digits(file, f"{name}Time", r"\d{6}(\.\d{1,6})?") or NO_DATE[1]
    return NO_DATE


def _digits(file: DicomFile, keyword: str, pattern: str) -> str:
    try:
        found = str(value_of(file.dataset, keyword) or "").strip(" \0")
    except PARSE_ERRORS:
        return ""  # try the next one
    return found if re.fullmatch(pattern, found) else ""


def _directions(file: DicomFile) -> list[str]:
    try:
        value: Any = value_of(file.dataset, "PatientOrientation")
        directions = [str(each).strip() for each in value or ()]
    except PARSE_ERRORS:
        return []
    return directions if len(directions) == 2 and all(map(ORIENTATION.fullmatch, directions)) else []


def _ratio(aspect: tuple[float, float]) -> list[int]:
    """Convert (row, column) to integers with a precision of one part in a thousand."""
    row, column = aspect
    return [round(1000 * row / min(aspect)), round(1000 * column / min(aspect))]
