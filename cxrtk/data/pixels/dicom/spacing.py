"""Pixel spacing of a file and its reliability.

PS3.3 section 10.7.1.3: PixelSpacing of a projection radiograph refers to the patient where it was calibrated,
else to the detector; ImagerPixelSpacing always refers to the detector, where the patient is magnified.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pydicom.dataset import Dataset

from cxrtk.data.pixels.dicom.values import UnusableValue, code, first_number, numbers, tag

Warn = Callable[[str], None]
KEYWORDS = ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio")
CALIBRATIONS = ("GEOMETRY", "FIDUCIAL")
SQUARE = 1e-2  # relative tolerance: no visible shift on 3000 pixels
SAME = 1e-3  # relative tolerance for two decimal strings of one number


Pair = tuple[float, float]


class Spacing(NamedTuple):
    """(row, column) distance of pixel centres in mm, its source, the reason, and the values in the file."""

    mm: Pair | None
    source: str | None
    reason: str
    stated: Mapping[str, Pair] = MappingProxyType({})

    @property
    def aspect(self) -> Pair | None:
        """(row, column) in any unit; ``None`` where the file does not state it."""
        return self.mm or self.stated.get("PixelAspectRatio")

    @property
    def is_square(self) -> bool:
        """Return whether pixels are square, or not stated otherwise."""
        return self.aspect is None or math.isclose(*self.aspect, rel_tol=SQUARE)


def find_spacing(dataset: Dataset, warn: Warn) -> Spacing:
    """Determine the spacing and its `Radiograph.spacing_source`; skips unusable values with a warning."""
    pairs = {keyword: _pair(dataset, keyword, warn) for keyword in KEYWORDS}
    stated = {keyword: pair for keyword, pair in pairs.items() if pair is not None}
    spacing = _choose(dataset, pairs["PixelSpacing"], pairs["ImagerPixelSpacing"], warn)
    ratio = pairs["PixelAspectRatio"]
    if (
        spacing.mm
        and ratio
        and not math.isclose(spacing.mm[0] * ratio[1], spacing.mm[1] * ratio[0], rel_tol=SQUARE)
    ):
        warn(f"{tag('PixelAspectRatio', ratio)} contradicts the spacing, which decides")
    return spacing._replace(stated=stated)


def _choose(dataset: Dataset, stated: Pair | None, imager: Pair | None, warn: Warn) -> Spacing:
    if stated:
        return _judge(stated, imager, _calibration(dataset, warn))
    if not imager:
        return Spacing(None, None, "no usable PixelSpacing or ImagerPixelSpacing")
    factor = _magnification(dataset, warn)
    if factor is None:
        return Spacing(imager, "detector", "ImagerPixelSpacing")
    row, column = imager
    return Spacing(
        (row / factor, column / factor), "magnified", f"ImagerPixelSpacing / magnification {factor:g}"
    )


def _judge(stated: tuple[float, float], imager: tuple[float, float] | None, calibration: str) -> Spacing:
    if calibration:
        return Spacing(stated, "calibrated", f"PixelSpacing with PixelSpacingCalibrationType {calibration}")
    if imager is None:
        return Spacing(stated, "unspecified", "PixelSpacing alone")
    if all(math.isclose(a, b, rel_tol=SAME) for a, b in zip(stated, imager, strict=True)):
        return Spacing(stated, "unspecified", "PixelSpacing equal to ImagerPixelSpacing")
    return Spacing(stated, "calibrated", "PixelSpacing that differs from ImagerPixelSpacing")


def _pair(dataset: Dataset, keyword: str, warn: Warn) -> tuple[float, float] | None:
    try:
        found = numbers(dataset, keyword)
    except UnusableValue as error:
        warn(f"{error}; ignored")
        return None
    if not found:
        return None
    if len(found) == 2 and min(found) > 0:
        return found[0], found[1]
    warn(f"{tag(keyword, found)} is not two positive numbers; ignored")
    return None


def _calibration(dataset: Dataset, warn: Warn) -> str:
    found = code(dataset, "PixelSpacingCalibrationType")
    if found and found not in CALIBRATIONS:
        warn(f"{tag('PixelSpacingCalibrationType')} is none of {', '.join(CALIBRATIONS)}; ignored")
        return ""
    return found


def _magnification(dataset: Dataset, warn: Warn) -> float | None:
    keyword = "EstimatedRadiographicMagnificationFactor"
    try:
        factor = first_number(dataset, keyword)
    except UnusableValue as error:
        warn(f"{error}; ignored")
        return None
    if factor is not None and factor < 1:  # source-detector over source-patient distance
        warn(f"{tag(keyword, factor)} is less than 1; ignored")
        return None
    return factor
