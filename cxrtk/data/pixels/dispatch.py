"""Reading of a file in any supported format, detected by content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cxrtk.api import Radiograph
from cxrtk.data import pixels as formats  # each is imported when its first file is read
from cxrtk.data.pixels.chunks import png_header
from cxrtk.data.pixels.content import HEAD, kind_of, read_bytes
from cxrtk.data.pixels.content import refuse as refusal
from cxrtk.data.pixels.dicom.files import MODALITIES, is_dicom
from cxrtk.data.pixels.png import read_png


def read(
    path: str | Path,
    *,
    modalities: Sequence[str] | None = MODALITIES,
    voi: str = "auto",
    refuse: Sequence[str] = (),
) -> Radiograph:
    """Read a PNG, JPEG, DICOM or NIfTI file; the format is detected by content, not by name.

    Args:
        path: Path of the file.
        modalities: Accepted modalities of DICOM files; see `read_dicom`.
        voi: VOI transformation of DICOM files; see `read_dicom`.
        refuse: Flags (`cxrtk.pixels.FLAGS`) that make the file an error, in any format.

    Raises:
        CxrReadError: The file has none of these formats, or its reader refuses it.
    """
    head = read_bytes(path, HEAD)
    kind = kind_of(head)
    if kind in ("PNG", "JPEG"):
        return read_png(path, refuse=refuse)
    if kind == "NIfTI":
        return formats.read_nifti(path, refuse=refuse)
    if kind == "DICOM" or (kind is None and is_dicom(path)):
        return formats.read_dicom(path, modalities=modalities, voi=voi, refuse=refuse)
    raise refusal(path, head, "save it as PNG, JPEG, DICOM or NIfTI")


def displayed_size(path: str | Path) -> tuple[int, int]:
    """Return (H, W) of the image that `read` would return; PNG and DICOM files are not decoded for it.

    Raises:
        CxrReadError: The file cannot be read.
    """
    head = read_bytes(path, HEAD)
    if kind_of(head) == "PNG":
        header = png_header(path, head)
        return header.height, header.width
    if kind_of(head) == "DICOM":
        stated = formats.read_dicom_header(path, ("Rows", "Columns"))
        if all(number.isdecimal() for number in stated.values()):
            return int(stated["Rows"]), int(stated["Columns"])
    height, width = read(path).pixels.shape
    return height, width
