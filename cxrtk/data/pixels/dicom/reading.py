"""`read_dicom`: one file -> one `Radiograph`, with a record of every decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk.api import Radiograph
from cxrtk.data.pixels.content import MAX_PIXELS, open_regular
from cxrtk.data.pixels.dicom.bits import FLAG as BITS_FLAG
from cxrtk.data.pixels.dicom.contradictions import Counts, Values, counts_of
from cxrtk.data.pixels.dicom.decoding import read_codes
from cxrtk.data.pixels.dicom.files import MODALITIES
from cxrtk.data.pixels.dicom.flags import header_flags
from cxrtk.data.pixels.dicom.header import COPY_AGAIN, ImageHeader, check_header
from cxrtk.data.pixels.dicom.luts import VOIS, fits, modality, stored_values
from cxrtk.data.pixels.dicom.luts import voi as apply_voi
from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS, DicomFile, hushed, parse
from cxrtk.data.pixels.dicom.spacing import Warn, find_spacing
from cxrtk.data.pixels.dicom.terms import TERMS, is_term
from cxrtk.data.pixels.dicom.values import FREE_TEXT, UnusableValue, allowed, tag, understood, value_of
from cxrtk.data.pixels.flags import refuse_flagged
from cxrtk.data.pixels.picture_flags import picture_flags
from cxrtk.errors import CxrReadError

# Attributes that may be exported. None of them names, dates or locates a patient.
PROVENANCE = (
    "SOPClassUID",
    "Modality",
    "PresentationIntentType",
    "ViewPosition",
    "PatientOrientation",
    "Laterality",
    "ImageLaterality",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "HighBit",
    "PresentationLUTShape",
    "LossyImageCompression",
    "BurnedInAnnotation",
)


def read_dicom(
    path: str | Path,
    *,
    modalities: Sequence[str] | None = MODALITIES,
    voi: str = "auto",
    max_pixels: int = MAX_PIXELS,
    refuse: Sequence[str] = (),
) -> Radiograph:
    """Read one radiograph.

    Processing order: stored bits; modality LUT or rescale; VOI LUT or window; polarity, which is determined
    by PhotometricInterpretation alone; scaling of the declared range to [0, 1]. That is the output range of
    the VOI where one is applied, else of the stored bits after the modality LUT, and never the range of the
    values in the image.

    Args:
        path: Path of the file; its name is not used.
        modalities: Accepted values of (0008,0060) Modality, an empty one for files that state none;
            ``None`` for any.
        voi: ``auto`` applies the first VOI LUT, else the first window, else none; ``lut`` and ``window``
            apply only that; ``none`` keeps the whole range; ``percentile`` clips at the 1st and 99th
            percentile of this image's own values, so that different images are no longer on one scale.
        max_pixels: Maximum number of pixels; larger images are refused before decoding.
        refuse: Flags (`cxrtk.pixels.FLAGS`) that make the file an error, such as ``["lateral"]``.

    Returns:
        (H, W) float32 in [0, 1], brighter is denser. `meta` holds the allow-listed attributes, the applied
        steps (``decoder``, ``modality_lut``, ``voi``, ``polarity``, ``spacing``), the ``flags`` and the
        ``warnings``.

    Raises:
        CxrReadError: The file is not one grey image of such a modality, is damaged, or needs a missing
            decoder.
        ValueError: `modalities` is a plain string, `voi` is not one of the five, or `refuse` has an unknown
            flag.
    """
    if isinstance(modalities, str):
        raise ValueError(f"modalities must be a list such as ['CR', 'DX'], or None, not {modalities!r}.")
    if voi not in VOIS:
        raise ValueError(f"voi must be one of {', '.join(VOIS)}, not {voi!r}.")
    warnings: list[str] = []
    with hushed() as said, open_regular(path) as stream:
        file = parse(stream, path)
        header = check_header(file, modalities, max_pixels, warnings.append)
        spacing = find_spacing(file.dataset, warnings.append)
        flags = header_flags(file, spacing)
        refuse_flagged(path, flags, refuse)
        _modality(file, header, lambda _: None)  # refuses a broken table before any pixel is decoded
        codes, decoder, header = read_codes(file, header, warnings.append, flags)
        if codes.min() == codes.max():
            flags["constant"] = tag("PixelData")
        counts = counts_of(codes, 1 << header.bits_stored)
        values, ends, modality_lut = _modality(file, header, warnings.append)
        if modality_lut == "lut":
            values, ends, modality_lut = _unless_contradicted(
                values, ends, header, counts, warnings.append, flags
            )
        levels, voi_applied = apply_voi(file.dataset, values, ends, voi, warnings.append, counts, flags)
        meta = _provenance(file, warnings.append)
        if said:  # their texts may quote header values, so they are only counted
            warnings.append(f"pydicom gave {len(said)} warnings on this file")
    inverted = header.photometric == "MONOCHROME1"  # the only criterion, see PS3.3 C.11.6.1.2
    if "polarity_contradiction" in flags:
        warnings.append(f"{flags['polarity_contradiction']} contradicts {header.photometric}, which decides")
    applied: dict[str, Any] = {
        "decoder": decoder,
        "modality_lut": modality_lut,
        "voi": voi_applied,
        "polarity": "inverted" if inverted else "as stored",
        "spacing": spacing.reason,
        "flags": flags,
        "warnings": warnings,
    }
    if BITS_FLAG in flags:
        applied["stored_range"] = [header.low, header.high]
    pixels = np.take((1 - levels if inverted else levels).astype(np.float32), codes)
    flags |= picture_flags(pixels)
    refuse_flagged(path, flags, refuse)
    return Radiograph(
        pixels=pixels,
        spacing_mm=spacing.mm,
        spacing_source=spacing.source,
        meta=meta | {keyword: list(pair) for keyword, pair in spacing.stated.items()} | applied,
    )


def read_dicom_header(path: str | Path, keywords: Sequence[str]) -> dict[str, str]:
    """Return the attributes `keywords` of a file as text, ``""`` if absent or unreadable; reads no pixels.

    Of a coded attribute (`terms.TERMS`) a value that the standard does not define is ``(free text)``. Other
    values may identify the patient: hash or drop them before storage.

    Raises:
        CxrReadError: The file is not DICOM, or its header is damaged.
    """
    with hushed(), open_regular(path) as stream:
        dataset = parse(stream, path, keywords).dataset
        return {keyword: _text(dataset, keyword) for keyword in keywords}


def read_dicom_flags(path: str | Path) -> dict[str, str]:
    """Return the flags of one file's header, as in the `meta` of `read_dicom`; reads no pixels.

    Raises:
        CxrReadError: The file is not DICOM, or its header is damaged.
    """
    with hushed(), open_regular(path) as stream:
        file = parse(stream, path)
        return header_flags(file, find_spacing(file.dataset, lambda _: None))


def _text(dataset: Any, keyword: str) -> str:
    try:
        value = value_of(dataset, keyword)
    except PARSE_ERRORS:
        return ""
    text = "" if value is None else str(value).strip()
    return FREE_TEXT if text and keyword in TERMS and not is_term(keyword, text) else text


def _unless_contradicted(
    values: Values,
    ends: tuple[float, float],
    header: ImageHeader,
    counts: Counts,
    warn: Warn,
    flags: dict[str, str],
) -> tuple[Values, tuple[float, float], str]:
    """Return the output of the modality LUT, or the stored values where the LUT destroys the picture."""
    stored, (low, high) = stored_values(header), ends
    if fits((values - low) / (high - low), stored, counts, tag("ModalityLUTSequence"), warn, flags):
        return values, ends, "lut"
    return stored, (float(header.low), float(header.high)), "none"


def _modality(file: DicomFile, header: ImageHeader, warn: Warn) -> tuple[Values, tuple[float, float], str]:
    try:
        return modality(file.dataset, header, warn)
    except UnusableValue as error:
        what = "has an unusable modality LUT"
        raise CxrReadError(file.path, what, tag=str(error), cure=COPY_AGAIN, code="header") from error


def _provenance(file: DicomFile, warn: Warn) -> dict[str, Any]:
    meta: dict[str, Any] = {"TransferSyntaxUID": str(file.syntax)}
    if "TransferSyntaxUID" not in file.dataset.file_meta:
        warn(f"{tag('TransferSyntaxUID')} is missing; taken as {file.syntax.name}")
    for keyword in PROVENANCE:
        try:
            value = value_of(file.dataset, keyword)
        except PARSE_ERRORS:
            value = None
        if value is None or value == "":
            continue
        clean = allowed(keyword, value)
        if clean is not None:
            meta[keyword] = clean
        elif not understood(keyword, value):
            warn(f"{tag(keyword, value)} is none of the defined terms; its value is held back")
    return meta
