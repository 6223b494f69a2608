"""Decisions made while reading an image and their reasons, one line per step, for `cxrtk inspect`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cxrtk.api import Radiograph
from cxrtk.data.pixels.dicom.values import tag


class Step(NamedTuple):
    """One decision: its name, the evidence in the file (attributes with numbers and values), the result."""

    name: str
    found: str
    decision: str


def steps(radiograph: Radiograph) -> list[Step]:
    """Return the decisions behind an image in processing order, from its `meta` alone."""
    meta = radiograph.meta
    first = _dicom(meta) if "TransferSyntaxUID" in meta else _plain(meta)
    height, width = radiograph.pixels.shape
    return [
        Step("size", _attributes(meta, "Rows", "Columns"), f"{width} x {height} pixels"),
        *first,
        _spacing(radiograph),
    ]


def _dicom(meta: Mapping[str, Any]) -> list[Step]:
    lut, voi, decoder = meta["modality_lut"], meta["voi"], meta["decoder"]
    passed_over = str(meta.get("flags", {}).get("voi_contradiction", ""))
    bits = ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation")
    return [
        Step("object", _attributes(meta, "SOPClassUID", "Modality", "PresentationIntentType"), "one image"),
        Step(
            "decoding",
            _attributes(meta, "TransferSyntaxUID", "LossyImageCompression"),
            "not compressed" if decoder == "none" else f"by {decoder}",
        ),
        Step("stored bits", _attributes(meta, *bits), _range(meta)),
        Step("modality LUT", _modality_names(lut, passed_over), lut),
        Step("VOI", _voi_names(voi, passed_over), voi),
        Step(
            "polarity",
            _attributes(meta, "PhotometricInterpretation", "PresentationLUTShape"),
            meta["polarity"],
        ),
        Step("scale", "", "[0, 1] of " + ("the stored bits' range" if voi == "none" else "the VOI's output")),
        Step(
            "orientation",
            _attributes(meta, "ViewPosition", "PatientOrientation", "Laterality", "ImageLaterality"),
            "as stored",
        ),
    ]


def _plain(meta: Mapping[str, Any]) -> list[Step]:
    found = [f"{key} {meta[key]}" for key in ("format", "mode", "bits", "dtype") if key in meta]
    low, high = meta["range"]
    exif = meta.get("exif_orientation_ignored")
    return [
        Step("format", ", ".join(found), "one grey channel"),
        Step("scale", f"range by {meta.get('range_source', 'format')}", f"[0, 1] of {low:g} to {high:g}"),
        Step("polarity", "", "as stored"),
        Step(
            "orientation",
            f"EXIF {exif}" if exif else meta.get("orientation", ""),
            "as stored" if "orientation" not in meta else "as its affine says",
        ),
    ]


def _spacing(radiograph: Radiograph) -> Step:
    meta = radiograph.meta
    found = _attributes(meta, "PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio")
    if radiograph.spacing_mm is None:
        return Step("spacing", found, f"unknown: {meta.get('spacing', 'the format has none')}")
    row, column = radiograph.spacing_mm
    why = f": {meta['spacing']}" if "spacing" in meta else ""
    return Step("spacing", found, f"{row:g} x {column:g} mm (row, column), {radiograph.spacing_source}{why}")


def _range(meta: Mapping[str, Any]) -> str:
    if "stored_range" in meta:
        low, high = meta["stored_range"]
        return f"{low} to {high}: {meta['flags']['bits_contradiction']}"
    bits = int(meta["BitsStored"])
    low = -(1 << (bits - 1)) if meta.get("PixelRepresentation") == 1 else 0
    return f"{low} to {low + (1 << bits) - 1}"


def _voi_names(voi: str, passed_over: str) -> str:
    if voi.startswith("lut"):
        return _names("VOILUTSequence")
    if voi.startswith("percentile"):
        return "1st and 99th percentile of the values"
    if voi == "none" and passed_over and not passed_over.startswith(_names("ModalityLUTSequence")):
        return f"ignored: {passed_over}"
    names = _names("WindowCenter", "WindowWidth", "VOILUTFunction")
    return f"not used: {_names('VOILUTSequence')}, {names}" if voi == "none" else names


def _modality_names(lut: str, passed_over: str) -> str:
    name = _names("ModalityLUTSequence")
    if lut == "lut":
        return name
    if passed_over.startswith(name):
        return f"ignored: {name}"
    names = _names("RescaleSlope", "RescaleIntercept")
    return f"absent: {_names('ModalityLUTSequence')}, {names}" if lut == "none" else names


def _attributes(meta: Mapping[str, Any], *keywords: str) -> str:
    return ", ".join(tag(keyword, meta[keyword]) for keyword in keywords if keyword in meta)


def _names(*keywords: str) -> str:
    return ", ".join(tag(keyword) for keyword in keywords)
