"""One file of any supported format, told by its content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cxrtk.api import Radiograph
from cxrtk.data.pixels.chunks import png_header
from cxrtk.data.pixels.content import HEAD, kind_of, read_bytes
from cxrtk.data.pixels.content import refuse as refusal
from cxrtk.data.pixels.dicom import is_dicom, read_dicom, read_dicom_header
from cxrtk.data.pixels.dicom.reading import MODALITIES
from cxrtk.data.pixels.nifti import read_nifti
from cxrtk.data.pixels.png import read_png


def read(
    path: str | Path,
    *,
    modalities: Sequence[str] | None = MODALITIES,
    voi: str = "auto",
    refuse: Sequence[str] = (),
) -> Radiograph:
    """Read a PNG, JPEG, DICOM or NIfTI file; its content says which, not its name.

    Args:
        path: The file.
        modalities: Of DICOM files; see `read_dicom`.
        voi: Likewise.
        refuse: Likewise.

    Raises:
        CxrReadError: It is none of them, or its own reader refuses it.
    """
    head = read_bytes(path, HEAD)
    kind = kind_of(head)
    if kind in ("PNG", "JPEG"):
        return read_png(path)
    if kind == "NIfTI":
        return read_nifti(path)
    if kind == "DICOM" or (kind is None and is_dicom(path)):
        return read_dicom(path, modalities=modalities, voi=voi, refuse=refuse)
    raise refusal(path, head, "save it as PNG, JPEG, DICOM or NIfTI")


def displayed_size(path: str | Path) -> tuple[int, int]:
    """(H, W) of a file as `read` would give it; a PNG or a DICOM file is not decoded for it.

    Raises:
        CxrReadError: It cannot be read.
    """
    head = read_bytes(path, HEAD)
    if kind_of(head) == "PNG":
        header = png_header(path, head)
        return header.height, header.width
    if kind_of(head) == "DICOM":
        stated = read_dicom_header(path, ("Rows", "Columns"))
        if all(number.isdecimal() for number in stated.values()):
            return int(stated["Rows"]), int(stated["Columns"])
    height, width = read(path).pixels.shape
    return height, width
