"""One image and its label: read, looked at, and forgotten but for some numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cxrtk.api import Label, Radiograph, Reader
from cxrtk.data.check.codes import CODES
from cxrtk.data.check.fingerprints import Imprint, imprint
from cxrtk.data.check.masks import gap_growth, mask_issues
from cxrtk.data.outputs import reason
from cxrtk.data.pixels.frontal import not_frontal
from cxrtk.data.pixels.polarity import density_contrast
from cxrtk.errors import CxrError, CxrReadError

_VALUES = ("values", "colour", "transparent")  # reasons for which a mask is refused that could be read


@dataclass
class Examined:
    """What is kept of an image.

    Attributes:
        found: Code, detail, and the reader's reason where it refused a file.
        size: (H, W); ``None`` where the image cannot be read, as all below.
        spacing: (row mm, column mm, source), where known.
        format: What the reader says it is, such as ``PNG`` or ``DICOM``.
        mean: Of all pixels, which lie in [0, 1].
        imprint: Of its pixels.
        truth: Who made its label; ``None`` without one.
        heart: What the label says of the heart.
        classes: Of the label.
        lung_share: Share of the pixels that are lung.
        gap_growth: How the gap between the lungs grows downwards.
    """

    found: list[tuple[str, str, str]] = field(default_factory=list)
    size: tuple[int, int] | None = None
    spacing: tuple[float, float, str] | None = None
    format: str | None = None
    mean: float | None = None
    imprint: Imprint | None = None
    truth: str | None = None
    heart: str | None = None
    classes: tuple[str, ...] = ()
    lung_share: float | None = None
    gap_growth: float | None = None


def examine(reader: Reader, item: Mapping[str, Any], *, labels: bool = True) -> Examined:
    """Read the image and the label of one of the reader's items; whatever is wrong is among `found`.

    Args:
        reader: Its `read` may run in another process.
        item: One of its `items()`.
        labels: Whether to read the label.
    """
    seen = Examined()
    try:
        _look(seen, reader.read(item["image"]))
    except CxrReadError as error:
        seen.found.append(("unreadable", reason(error), error.code))
    if labels:
        _look_at_label(seen, reader, item)
    return seen


def _look(seen: Examined, image: Radiograph) -> None:
    pixels = image.pixels
    seen.size = (pixels.shape[0], pixels.shape[1])
    seen.mean = float(pixels.mean(dtype="float64"))
    seen.imprint = imprint(pixels)
    if image.spacing_mm is not None:
        seen.spacing = (*image.spacing_mm, image.spacing_source or "")
    stated = image.meta.get("format")
    seen.format = stated if isinstance(stated, str) else "DICOM" if "SOPClassUID" in image.meta else None
    for code, detail in _flags(image):
        seen.found.append((code, detail, ""))


def _flags(image: Radiograph) -> Iterator[tuple[str, str]]:
    """The reader's flags, and what the picture says, whatever reader it comes from."""
    flags = {name: str(why) for name, why in dict(image.meta.get("flags", {})).items() if name in CODES}
    low, high = float(image.pixels.min()), float(image.pixels.max())
    if low == high:
        flags["constant"] = f"all are {low:.3f}"
    elif (contrast := density_contrast(image.pixels)) < 0:
        flags["looks_inverted"] = f"contrast of the middle {contrast:.2f}"
    yield from flags.items()
    if why := not_frontal(image.pixels):
        yield "looks_not_frontal", why


def _look_at_label(seen: Examined, reader: Reader, item: Mapping[str, Any]) -> None:
    try:
        label = reader.read_label(item)
        if label is None:
            return
        seen.truth, seen.heart, seen.classes = label.truth, label.heart, label.classes
        found = _about_label(label, seen.size)
        lungs = label.lungs().astype(bool)
        seen.lung_share, seen.gap_growth = float(lungs.mean()), gap_growth(lungs)
    except CxrReadError as error:
        of_image = error.path == str(item["image"])
        if seen.size is None and of_image:
            return  # the image's own fault, told already
        why = reason(error) if of_image else f"{error.path}: {reason(error)}"
        found = [(_label_code(error.code), why, error.code)]
    except (CxrError, ValueError) as error:
        found = [("mask_unreadable", " ".join(str(error).split()), "label")]
    except Exception as error:  # noqa: BLE001 - the plugin boundary: one label must not stop the check
        found = [("mask_unreadable", f"unexpected {type(error).__name__}", "unreadable")]
    seen.found.extend(found)


def _about_label(label: Label, size: tuple[int, int] | None) -> list[tuple[str, str, str]]:
    height, width = label.masks.shape[1:]
    if size is not None and (height, width) != size:
        what = f"is {width} x {height} pixels, but its image is {size[1]} x {size[0]}"
        return [("mask_size", what, "size")]
    return [(code, detail, "") for code, detail in mask_issues(label)]


def _label_code(reason: str) -> str:
    if reason == "size":
        return "mask_size"
    return "mask_values" if reason in _VALUES else "mask_unreadable"
