"""DICOM objects derived from a radiograph: their identity, their UIDs and codes, and how they are written.

The attributes that an object receives from the file, and its geometry, are those of `Source`.

**Reproducibility.** UIDs are derived from the bytes of the object itself, and its date from the source: the
same image, model and version give the same file, and two files with the same UID are identical.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import UID, generate_uid

from cxrtk.api import Segmentation
from cxrtk.classes import HEART_INCLUDED
from cxrtk.data.pixels.dicom.parsing import hushed
from cxrtk.errors import CxrReadError
from cxrtk.inference.segmentation.source import Source as Source
from cxrtk.inference.segmentation.source import read_source

PLACEHOLDER = UID("2.25.0")
# PS3.16 CID 4031; the codes include the side.
ANATOMY = {
    "right_lung": Code("3341006", "SCT", "Right lung"),
    "left_lung": Code("44029006", "SCT", "Left lung"),
    "lungs": Code("39607008", "SCT", "Lung"),
    "heart": Code("80891009", "SCT", "Heart"),
}
SCHEME = "99CXRTK"  # scheme of private codes, for concepts without a standard code that certainly fits
LUNGS_AND_HEART = Code("lungs_and_heart", SCHEME, "Lungs and heart")
CREATED = ("InstanceCreationDate", "InstanceCreationTime")


def write(segmentation: Segmentation, path: Path, build: Callable[[Source], Dataset], *, kind: str) -> Path:
    """Derive an object from the DICOM file that was segmented, and write it.

    The object receives the patient and study, and its own UIDs, (0008,0018), (0020,000E) and those of
    dimensions, which replace the ones set by `build`. Each object is its own series. Its date and time of
    creation are removed.

    Args:
        segmentation: Segmentation that the object is derived from.
        path: The file to write.
        build: Makes the object, with file meta information, from the source. Warnings and log messages that
            it emits are suppressed, because they can quote values of the source.
        kind: Kind of the object for messages, such as ``DICOM SEG``.

    Returns:
        `path`.

    Raises:
        CxrReadError: The source is not a DICOM file, lacks the UIDs needed for a reference, or is no longer
            the image that was segmented.
    """
    with hushed(), _quiet("highdicom"):
        source = read_source(segmentation, kind)
        dataset = build(source)
        dataset.update(source.identity)
        for keyword in CREATED:
            dataset.pop(keyword, None)
        for equipment in dataset.get("ContributingEquipmentSequence", ()):
            equipment.pop("ContributionDateTime", None)
        _number(dataset, lambda role: PLACEHOLDER)
        digest = hashlib.sha256(_encoded(dataset)).hexdigest()
        _number(dataset, lambda role: uid(digest, role))
        path.write_bytes(_encoded(dataset))
    return path


def anatomy(name: str, segmentation: Segmentation) -> Code:
    """Return the code of a mask class.

    Raises:
        CxrReadError: The class has no code.
    """
    if name not in ANATOMY:
        raise CxrReadError(
            segmentation.source,
            f"has masks of the class {name!r}, which has no DICOM code here",
            cure="leave out the output types dicom-seg and dicom-sr",
            code="label",
        )
    return LUNGS_AND_HEART if segmentation.convention == HEART_INCLUDED else ANATOMY[name]


def uid(*parts: object) -> UID:
    """Derive a UID from its arguments; equal arguments give the same UID."""
    return generate_uid(entropy_srcs=[str(part) for part in parts])


def text(value: object, longest: int = 64) -> str:
    r"""Convert the name of a model or measure to a Long String (PS3.5 section 6.2) in ASCII.

    >>> text("größer\\kleiner")
    'gr??er?kleiner'
    """
    ascii_only = str(value).encode("ascii", "replace").decode()
    return re.sub(r"[^ -\[\]-~]", "?", ascii_only)[:longest].strip()


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    log = logging.getLogger(name)
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)


def _number(dataset: Dataset, new: Callable[[str], UID]) -> None:
    """Set the UIDs of an object, a different one for each role."""
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = new("instance")
    dataset.SeriesInstanceUID = new("series")
    for keyword in ("DimensionOrganizationSequence", "DimensionIndexSequence"):
        for item in dataset.get(keyword, ()):
            item.DimensionOrganizationUID = new("dimensions")


def _encoded(dataset: Dataset) -> bytes:
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
