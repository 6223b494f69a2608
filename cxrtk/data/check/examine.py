"""Examination of one image and its label; only a few numbers are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api import Label, Radiograph, Reader
from cxrtk.classes import lung_indices
from cxrtk.data.check.agreement import Agreement, agreements
from cxrtk.data.check.codes import CODES
from cxrtk.data.check.expected import expected_masks, is_comparable, shows_lungs
from cxrtk.data.check.fingerprints import Imprint, imprint
from cxrtk.data.check.masks import gap_growth, mask_issues
from cxrtk.data.check.misfits import misfit
from cxrtk.data.outputs import reason
from cxrtk.data.pixels.frontal import not_frontal
from cxrtk.data.pixels.polarity import density_contrast
from cxrtk.errors import CxrError, CxrReadError

_NO_CHEST = ("constant", "looks_inverted", "looks_not_frontal", "lateral", "tiny", "elongated")
_VALUES = ("values", "colour", "transparent")  # masks that can be decoded but are refused

Expect = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]


@dataclass
class Examined:
    """Results of the examination of one image.

    Attributes:
        found: Code, detail, and the reader's reason where it refused a file.
        size: (H, W); ``None`` where the image cannot be read, like all of the following.
        spacing: (row mm, column mm, source), where known.
        format: Format as given by the reader, such as ``PNG`` or ``DICOM``.
        mean: Mean of all pixels, in [0, 1].
        imprint: Fingerprint of the pixels.
        truth: Origin of the label; ``None`` without a label.
        heart: Heart convention of the label.
        classes: Classes of the label.
        lung_share: Fraction of the pixels that are lung; ``None`` also for a label without lung classes.
        expected: Expected positions of the organs in the picture; ``None`` if it is not compared.
        agreements: Comparison of the classes of the label with the picture.
        gap_growth: Downward widening of the gap between the lungs; see `cxrtk.data.check.masks.gap_growth`.
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
    expected: npt.NDArray[np.float16] | None = None
    agreements: tuple[Agreement, ...] = ()


def examine(
    reader: Reader, item: Mapping[str, Any], *, labels: bool = True, expect: Expect = expected_masks
) -> Examined:
    """Read the image and the label of one of the reader's items; every fault is listed in `found`.

    Args:
        reader: Reader of the item; its `read` may run in another process.
        item: One of the reader's `items()`.
        labels: Read the label, and compare it with the picture.
        expect: Function that estimates the positions of the organs in a picture; a replacement of the
            built-in function must return the same outputs, with NaN for organs that it does not cover.
    """
    seen = Examined()
    try:
        image = reader.read(item["image"])
        _look(seen, image)
        odd = {code for code, _, _ in seen.found} & set(_NO_CHEST)
        if labels and not odd and is_comparable(image.pixels):
            expected = expect(image.pixels)
            seen.expected = expected.astype(np.float16) if shows_lungs(expected) else None
    except CxrReadError as error:
        seen.found.append(("unreadable", reason(error), error.code))
    if labels:
        _look_at_label(seen, reader, item)
    seen.expected = None  # 40 kB
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
    """Return the reader's flags, and flags derived from the pixels, for any reader."""
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
        if lung_indices(label.classes):
            lungs = label.lungs().astype(bool)
            seen.lung_share, seen.gap_growth = float(lungs.mean()), gap_growth(lungs)
        if seen.expected is not None and not found:
            seen.agreements = tuple(agreements(label, seen.expected.astype(np.float32)))
            judged = misfit(seen.agreements)
            found += [] if judged is None else [(*judged, "")]
    except CxrReadError as error:
        of_image = error.path == str(item["image"])
        if seen.size is None and of_image:
            return  # a fault of the image, reported already
        cure = f"; {error.cure}" if error.cure else ""
        why = f"{reason(error) if of_image else f'{error.path}: {reason(error)}'}{cure}"
        found = [(_label_code(error.code), why, error.code)]
    except (CxrError, ValueError) as error:
        found = [("mask_unreadable", " ".join(str(error).split()), "label")]
    except Exception as error:  # noqa: BLE001 - plugin boundary: one label must not stop the check
        found = [("mask_unreadable", f"unexpected {type(error).__name__}", "unreadable")]
    seen.found.extend(found)


def _about_label(label: Label, size: tuple[int, int] | None) -> list[tuple[str, str, str]]:
    height, width = label.masks.shape[1:]
    if size is not None and (height, width) != size:
        what = f"is {width} x {height} pixels, but its image is {size[1]} x {size[0]}"
        return [("mask_size", what, "size")]
    if not lung_indices(label.classes):
        return []  # masks of other structures, without an expectation
    return [(code, detail, "") for code, detail in mask_issues(label)]


def _label_code(reason: str) -> str:
    if reason == "size":
        return "mask_size"
    return "mask_values" if reason in _VALUES else "mask_unreadable"
