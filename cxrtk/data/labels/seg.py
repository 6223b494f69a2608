"""DICOM segmentations (PS3.3 A.51 and C.8.20) as masks: binary, fractional and label maps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, LUNGS, SIDES
from cxrtk.data import pixels as formats
from cxrtk.data.labels.named import Mask, NamedMasks, class_of, stack
from cxrtk.data.pixels.content import HEAD, MAX_PIXELS, check_size, kind_of, open_regular, read_bytes
from cxrtk.data.pixels.dicom.files import is_dicom
from cxrtk.errors import CxrReadError

if TYPE_CHECKING:
    from pydicom import Dataset

    from cxrtk.data.pixels.dicom.parsing import DicomFile

SEG_CLASSES: Final = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
MOST_FRAMES: Final = 64
MOST_SEGMENTS: Final = 64
_MOST_SEQUENCE = 1 << 20  # maximum size in bytes of a sequence to parse
_MOST_VALUES = 100_000_000  # bytes of all frames, unpacked
_AGAIN = "export it again"
# Code -> class: SNOMED CT, and the SNOMED RT codes that older objects have.
CODES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("3341006", "T-28100"), SIDES[0]),
    **dict.fromkeys(("44029006", "T-28500"), SIDES[1]),
    **dict.fromkeys(("39607008", "181216001", "T-28000"), LUNGS),
    **dict.fromkeys(("80891009", "T-32000"), HEART),
}
_LATERALITY: Final = {"24028007": 0, "G-A100": 0, "7771000": 1, "G-A101": 1}


def is_seg(path: str | Path) -> bool:
    """Return whether a file is a DICOM segmentation, by its SOP class.

    Raises:
        CxrReadError: The file cannot be read, or is DICOM with a damaged header.
    """
    kind = kind_of(read_bytes(path, HEAD))
    if kind != "DICOM" and not (kind is None and is_dicom(path)):
        return False
    return formats.read_dicom_header(path, ("SOPClassUID",))["SOPClassUID"] in SEG_CLASSES


def read_seg(
    path: str | Path, *, image: str | Path | None = None, names: Mapping[str, str] | None = None
) -> NamedMasks:
    """Read the segments of a DICOM segmentation, each as the mask of its class.

    A segment's class is taken from its code (Segmented Property Type, with its modifier for the side), or
    else from its label. Segments of the same class are merged. In a fractional segmentation a pixel is inside
    if its value exceeds half of MaximumFractionalValue. Stored pixels correspond one to one to those of the
    image.

    Args:
        path: Path of the segmentation.
        image: Path of the radiograph; if it is a DICOM file, only frames that reference its SOP Instance UID
            are read. ``None`` reads all frames, which must then belong to one image.
        names: Map from segment label to class; takes precedence over the codes.

    Raises:
        CxrReadError: The file is not a segmentation, is damaged, refers to another image, is compressed in
            another way than by RLE, or holds a segment twice.
    """
    from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS, hushed, parse  # with pydicom

    wanted = _uid(image) if image is not None else ""
    with hushed(), open_regular(path) as stream:
        file = parse(stream, path)
        try:
            return _read(file, wanted, names)
        except PARSE_ERRORS as error:
            what = f"is a damaged segmentation ({type(error).__name__})"
            raise CxrReadError(path, what, cure=_AGAIN, code="damaged") from error


def _uid(image: str | Path) -> str:
    if not is_dicom(image):
        return ""
    return formats.read_dicom_header(image, ("SOPInstanceUID",))["SOPInstanceUID"]


def _read(file: DicomFile, wanted: str, names: Mapping[str, str] | None) -> NamedMasks:
    data, path = file.dataset, file.path
    if str(data.get("SOPClassUID", "")) not in SEG_CLASSES:
        raise CxrReadError(path, "is not a DICOM segmentation", cure="name one", code="format")
    kind = str(data.get("SegmentationType", ""))
    if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise _damaged(path, "its (0062,0001) SegmentationType is none of the defined ones")
    size = int(data.Rows), int(data.Columns)
    check_size(path, *size, MAX_PIXELS)
    frames = int(data.get("NumberOfFrames", 1) or 1)
    if not 1 <= frames <= MOST_FRAMES or frames * size[0] * size[1] > _MOST_VALUES:
        what = f"holds {frames} frames of {size[1]} x {size[0]}, more than radiographs need"
        raise CxrReadError(path, what, cure="export those of one image", code="multi_frame")
    classes = _classes(file, names)
    if kind == "LABELMAP":
        classes.pop(0, None)  # the background
    taken = _taken(file, frames, wanted, kind == "LABELMAP")
    values = _frames(file, frames, size, bits=1 if kind == "BINARY" else int(data.BitsAllocated))
    masks: dict[str, Mask] = {name: np.zeros(size, np.uint8) for name in classes.values()}
    half = float(data.get("MaximumFractionalValue", 1)) / 2 if kind == "FRACTIONAL" else 0.5
    for frame, segment in taken:
        numbers = [segment] if kind != "LABELMAP" else list(classes)
        for number in numbers:
            if number not in classes:
                raise _damaged(path, f"frame {frame + 1} is of segment {number}, which is not described")
            inside = values[frame] == number if kind == "LABELMAP" else values[frame] > half
            mask = masks[classes[number]]
            np.maximum(mask, inside.astype(np.uint8), out=mask)
    return stack(masks, size)


def _classes(file: DicomFile, names: Mapping[str, str] | None) -> dict[int, str]:
    """Map segment numbers to classes."""
    segments = _sequence(file, file.dataset, "SegmentSequence")
    if not 1 <= len(segments) <= MOST_SEGMENTS:
        raise _damaged(file.path, f"it describes {len(segments)} segments")
    classes: dict[int, str] = {}
    for segment in segments:
        number = int(segment.SegmentNumber)
        if number in classes:
            raise _damaged(file.path, f"segment {number} is described twice")
        classes[number] = _class(file, segment, names)
    return classes


def _class(file: DicomFile, segment: Dataset, names: Mapping[str, str] | None) -> str:
    label = str(segment.get("SegmentLabel", ""))[:64]
    if names and label in names:
        return names[label]
    for coded in _sequence(file, segment, "SegmentedPropertyTypeCodeSequence")[:1]:
        found = CODES.get(str(coded.get("CodeValue", "")))
        modifiers = _sequence(file, coded, "SegmentedPropertyTypeModifierCodeSequence")
        for modifier in modifiers[:1]:
            side = _LATERALITY.get(str(modifier.get("CodeValue", "")))
            if found == LUNGS and side is not None:
                return SIDES[side]
        if found == LUNGS and class_of(label) in SIDES:
            return class_of(label)
        if found is not None:
            return found
    return class_of(label)


def _taken(file: DicomFile, frames: int, wanted: str, label_map: bool) -> list[tuple[int, int]]:
    """Return index and segment of the frames that belong to the image; 0 for the segment of a label map."""
    shared = _sequence(file, file.dataset, "SharedFunctionalGroupsSequence")
    each = _sequence(file, file.dataset, "PerFrameFunctionalGroupsSequence")
    if len(each) not in (0, frames):
        raise _damaged(file.path, f"it describes {len(each)} of {frames} frames")
    taken, others = [], set()
    for frame in range(frames):
        groups = [*each[frame : frame + 1], *shared[:1]]
        source = next((uid for group in groups if (uid := _source(file, group))), _only_reference(file))
        if wanted and source and source != wanted:
            continue
        others.add(source)
        segment = 0
        if not label_map:
            found = [_sequence(file, group, "SegmentIdentificationSequence") for group in groups]
            numbers = [int(item[0].ReferencedSegmentNumber) for item in found if item]
            if not numbers:
                raise _damaged(file.path, f"frame {frame + 1} does not say of which segment it is")
            segment = numbers[0]
        taken.append((frame, segment))
    if not taken:
        cure = "put it next to the image that it was drawn on"
        raise CxrReadError(file.path, "refers to another image, by its UID", cure=cure, code="label")
    if len(others) > 1 or (len(set(taken_segments := [s for _, s in taken])) < len(taken_segments)):
        cure = "export the segments of each image separately"
        raise CxrReadError(file.path, "holds segments of several images", cure=cure, code="multi_frame")
    return taken


def _source(file: DicomFile, group: Dataset) -> str:
    """Return the SOP Instance UID of a frame's source image; empty where it is not stated."""
    for derived in _sequence(file, group, "DerivationImageSequence")[:1]:
        for source in _sequence(file, derived, "SourceImageSequence")[:1]:
            return str(source.get("ReferencedSOPInstanceUID", ""))
    return ""


def _only_reference(file: DicomFile) -> str:
    """Return the SOP Instance UID of the only image that the object references; empty if several."""
    found = {
        str(instance.get("ReferencedSOPInstanceUID", ""))
        for series in _sequence(file, file.dataset, "ReferencedSeriesSequence")
        for instance in _sequence(file, series, "ReferencedInstanceSequence")
    }
    return found.pop() if len(found) == 1 else ""


def _sequence(file: DicomFile, data: Dataset, keyword: str) -> list[Any]:
    """Return the items of a sequence; refuses one that is too long to be parsed."""
    from pydicom.dataelem import RawDataElement

    raw = data.get_item(keyword)
    if isinstance(raw, RawDataElement) and raw.value is not None and len(raw.value) > _MOST_SEQUENCE:
        what = f"has {len(raw.value)} bytes in one sequence, more than radiographs need"
        raise CxrReadError(file.path, what, cure=_AGAIN, code="too_large")
    return list(data.get(keyword) or ())


def _frames(file: DicomFile, frames: int, size: tuple[int, int], bits: int) -> npt.NDArray[Any]:
    """Return (frames, H, W) stored values."""
    from pydicom.uid import RLELossless

    from cxrtk.data.pixels.dicom.rle import decode_rle

    if bits not in (1, 8, 16):
        raise _damaged(file.path, f"it has {bits} bits a pixel")
    if not file.at_pixel_data():
        raise CxrReadError(file.path, "has no pixel data", cure=_AGAIN, code="no_image")
    pixels = frames * size[0] * size[1]
    wanted = (pixels * bits + 7) // 8
    file.read_pixel_data(limit=2 * wanted + (1 << 16))
    data = file.dataset.PixelData
    if file.syntax.is_encapsulated:
        if file.syntax != RLELossless or bits == 1:
            what = f"is compressed as {file.syntax.name}, which is not read in segmentations"
            raise CxrReadError(file.path, what, cure="export it without compression", code="no_decoder")
        from pydicom.encaps import get_frame

        return np.stack(
            [
                decode_rle(get_frame(data, number, number_of_frames=frames), *size, 1, bits)
                for number in range(frames)
            ]
        )
    if len(data) < wanted:
        what = f"is truncated ({len(data)} of {wanted} bytes of pixels)"
        raise CxrReadError(file.path, what, cure="copy it again", code="truncated")
    if bits == 1:
        unpacked = np.unpackbits(np.frombuffer(data, np.uint8, wanted), count=pixels, bitorder="little")
        return unpacked.reshape(frames, *size)
    order = "<" if file.little_endian else ">"
    kind = np.dtype(np.uint8) if bits == 8 else np.dtype(f"{order}u2")
    return np.frombuffer(data, kind, pixels).reshape(frames, *size)


def _damaged(path: str | Path, what: str) -> CxrReadError:
    return CxrReadError(path, f"is a damaged segmentation ({what})", cure=_AGAIN, code="damaged")
