"""Flags from the header alone: view, orientation, processing, burned-in text, compression."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless

from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS, DicomFile
from cxrtk.data.pixels.dicom.spacing import KEYWORDS, Spacing
from cxrtk.data.pixels.dicom.terms import TERMS
from cxrtk.data.pixels.dicom.values import code, first_item, tag, value_of

VIEWS = {
    "lateral": ("LL", "RL", "LAT", "LATERAL", "LLAT", "RLAT"),
    "oblique": ("LLO", "RLO", "LAO", "RAO", "LPO", "RPO"),
    "decubitus": ("LLD", "RLD"),
}
LOSSY = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless)
SHAPES = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}


def header_flags(file: DicomFile, spacing: Spacing) -> dict[str, str]:
    """Return the flags of a header: flag -> the attribute that raised it."""
    data = file.dataset
    found = dict(_view(data)) | dict(_orientation(data))
    for keyword in ("ImageLaterality", "Laterality"):
        if code(data, keyword) in ("L", "R"):
            found.setdefault("one_sided", tag(keyword, code(data, keyword)))
    if code(data, "PresentationIntentType") == "FOR PROCESSING":
        found["for_processing"] = tag("PresentationIntentType", "FOR PROCESSING")
    if code(data, "BurnedInAnnotation") == "YES":
        found["burned_in"] = tag("BurnedInAnnotation", "YES")
    shape = code(data, "PresentationLUTShape")
    if shape and shape != SHAPES.get(code(data, "PhotometricInterpretation"), "IDENTITY"):
        found["polarity_contradiction"] = tag("PresentationLUTShape", shape)
    if code(data, "LossyImageCompression") == "01":
        found["lossy"] = tag("LossyImageCompression", "01")
    elif file.syntax in LOSSY:
        found["lossy"] = tag("TransferSyntaxUID", file.syntax)
    if not spacing.is_square:
        keyword = next(name for name in KEYWORDS if name in spacing.stated)
        found["not_square"] = tag(keyword, list(spacing.stated[keyword]))
    return found


def _view(data: Dataset) -> Iterator[tuple[str, str]]:
    position = code(data, "ViewPosition")
    for flag, names in VIEWS.items():
        if position in names:
            yield flag, tag("ViewPosition", position)
    try:
        item = first_item(data, "ViewCodeSequence")
        view = "" if item is None else code(item, "CodeValue")
    except PARSE_ERRORS:  # an unreadable view is an unknown view
        return
    if view in TERMS["ViewCodeSequence"]:
        yield "lateral", tag("ViewCodeSequence", view)


def _orientation(data: Dataset) -> Iterator[tuple[str, str]]:
    """Check PatientOrientation (PS3.3 C.7.6.1.1.1) of rows and columns: ``L`` and ``F`` in a frontal view.

    Only the first letter of each direction counts; further letters give its tilt. In a lateral view the rows
    point to the patient's front or back.
    """
    try:
        value = value_of(data, "PatientOrientation")
    except PARSE_ERRORS:
        return
    if not isinstance(value, MultiValue) or len(value) != 2:
        return
    row, column = (str(direction).strip().upper()[:1] for direction in value)
    if row not in tuple("LRAPHF") or column not in tuple("LRAPHF"):
        return
    why = tag("PatientOrientation", [row, column])
    if column != "F":
        yield "rotated", why
    if (row in "AP" and column in "HF") or (column in "AP" and row in "HF"):
        yield "lateral", why
    elif row == "R" and column == "F":
        yield "mirrored", why
