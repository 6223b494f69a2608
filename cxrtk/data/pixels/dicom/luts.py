"""Grey level of every possible stored value: modality LUT, then VOI, scaled to [0, 1].

The look-up is computed in float64 for the up to 65,536 possible stored values instead of for the
image. pydicom's own functions are not used, because (pydicom 3.0.2) ``apply_modality_lut`` fails on tables of
other than 8 or 16 bits, ``apply_voi`` wraps the index of an 8-bit table with more than 256 entries, and
``apply_voi_lut`` raises on an empty window.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from pydicom.dataset import Dataset

from cxrtk.data.pixels.dicom.contradictions import Counts, Values, contradiction, percentiles
from cxrtk.data.pixels.dicom.header import ImageHeader
from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS
from cxrtk.data.pixels.dicom.spacing import Warn
from cxrtk.data.pixels.dicom.values import UnusableValue, code, first_item, first_number, numbers, tag

VOIS = ("auto", "lut", "window", "percentile", "none")
FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


class Lut(NamedTuple):
    """A look-up table (PS3.3 sections C.11.1.1 and C.11.2.1.1)."""

    first: int
    bits: int
    data: Values

    def __call__(self, values: Values) -> Values:
        """Look up values; those before the first or past the last entry are clamped to it."""
        index = np.rint(values).astype(np.int64) - self.first
        return np.take(self.data, index.clip(0, len(self.data) - 1))


def stored_values(header: ImageHeader) -> Values:
    """Return the value of each code 0 to 2**BitsStored - 1 (two's complement where signed)."""
    codes = np.arange(1 << header.bits_stored, dtype=np.float64)
    return np.where(codes > header.high, codes - len(codes), codes)


def modality(dataset: Dataset, header: ImageHeader, warn: Warn) -> tuple[Values, tuple[float, float], str]:
    """Map stored values to output units (PS3.3 section C.11.1).

    Returns:
        The output of each code, the ends of the declared output range, and the method (LUT or rescale).

    Raises:
        UnusableValue: The table or the rescale attributes are present but invalid.
    """
    values = stored_values(header)
    item = _item(dataset, "ModalityLUTSequence")
    if item is not None:
        lut = read_lut(item, little_endian=_little(dataset), signed=header.signed)
        warn_past(lut, "ModalityLUTSequence", warn)
        most = float(2**lut.bits - 1)
        return lut(values).clip(0, most), (0.0, most), "lut"
    slope, intercept = (first_number(dataset, keyword) for keyword in ("RescaleSlope", "RescaleIntercept"))
    if slope is None and intercept is None:
        return values, (float(header.low), float(header.high)), "none"
    if slope is None or intercept is None:
        missing, default = ("RescaleSlope", 1) if slope is None else ("RescaleIntercept", 0)
        warn(f"{tag(missing)} is missing; taken as {default}")
    slope, intercept = 1.0 if slope is None else slope, intercept or 0.0
    if slope == 0:
        raise UnusableValue(tag("RescaleSlope", slope))
    ends = sorted(end * slope + intercept for end in (header.low, header.high))
    wide = ends[1] - ends[0]
    if not (
        math.isfinite(wide) and math.isclose(wide, abs(slope) * (header.high - header.low), rel_tol=1e-6)
    ):
        raise UnusableValue(f"{tag('RescaleSlope', slope)}, {tag('RescaleIntercept', intercept)}")
    return values * slope + intercept, (ends[0], ends[1]), f"rescale {slope:g} {intercept:+g}"


def voi(
    dataset: Dataset,
    values: Values,
    ends: tuple[float, float],
    choice: str,
    warn: Warn,
    counts: Counts,
    flags: dict[str, str],
) -> tuple[Values, str]:
    """Map output units to grey levels in [0, 1] (PS3.3 section C.11.2), and return the method applied.

    ``auto`` takes the first VOI LUT, else the first window, else the ends of the declared range;
    ``percentile`` is a cxrtk addition. A LUT or window that does not fit the pixels is skipped.

    Args:
        dataset: Header.
        values: (N,) output units of each code.
        ends: Ends of the declared range.
        choice: One of `VOIS`.
        warn: Function that receives a warning for each LUT or window that is skipped.
        counts: (N,) number of pixels with each code.
        flags: Receives ``voi_contradiction``.
    """
    if choice == "percentile":
        low, high = percentiles(values, counts)
        if low < high:
            return ((values - low) / (high - low)).clip(0, 1), f"percentile {low:g} {high:g}"
        warn(f"percentiles ignored: both are {low:g}")
    if choice in ("auto", "lut"):
        lut = _voi_lut(dataset, ends, warn, flags)
        if lut is not None:
            most = 2**lut.bits - 1
            levels = lut(values).clip(0, most) / most
            if fits(levels, values, counts, tag("VOILUTSequence"), warn, flags):
                warn_past(lut, "VOILUTSequence", warn)
                return levels, f"lut, {lut.bits} bits"
    if choice in ("auto", "window"):
        found = _window(dataset, warn)
        if found is not None:
            center, width, function = found
            levels = window(values, center, width, function)
            name = f"{tag('WindowCenter', center)}, {tag('WindowWidth', width)}"
            if fits(levels, values, counts, name, warn, flags):
                return levels, f"window {center:g} {width:g} {function}"
    low, high = ends
    return (values - low) / (high - low), "none"


def fits(
    levels: Values, values: Values, counts: Counts, name: str, warn: Warn, flags: dict[str, str]
) -> bool:
    """Return whether grey levels keep the picture that the values hold; warn and flag where they do not."""
    why = contradiction(levels, values, counts)
    if why:
        warn(f"{name} ignored: it {why}")
        flags.setdefault("voi_contradiction", f"{name} {why}")
    return not why


def window(values: Values, center: float, width: float, function: str) -> Values:
    """Apply the functions of PS3.3 sections C.11.2.1.2 and C.11.2.1.3 with the output range [0, 1]."""
    if function == "SIGMOID":
        # The exponent is bounded only to prevent overflow; e**60 dwarfs the 1.
        exponential: Values = np.exp((-4 * (values - center) / width).clip(-60, 60))
        return 1 / (1 + exponential)
    if function == "LINEAR":
        center, width = center - 0.5, width - 1
    if width == 0:
        return (values > center).astype(np.float64)
    with np.errstate(over="ignore"):  # of a width of almost nothing
        return ((values - center) / width + 0.5).clip(0, 1)


def read_lut(item: Dataset, *, little_endian: bool, signed: bool) -> Lut:
    """Read the table of one sequence item.

    Args:
        item: Item with LUTDescriptor and LUTData.
        little_endian: Byte order where pydicom leaves the data as bytes (implicit VR, or OW).
        signed: True if the input values may be negative; the first one is then signed (PS3.3 C.11.1.1).

    Raises:
        UnusableValue: The table is incomplete.
    """
    try:
        entries, first, bits = (int(word) for word in _words(item.LUTDescriptor, little_endian))
        entries = entries or 1 << 16
        data = item.LUTData
        if isinstance(data, bytes) and len(data) in (entries, entries + 1) and bits <= 8:
            table = np.frombuffer(data, np.uint8).astype(np.float64)
        else:
            table = _words(data, little_endian)
    except PARSE_ERRORS as error:
        raise UnusableValue(tag("LUTDescriptor")) from error
    if not 1 <= bits <= 16:
        raise UnusableValue(tag("LUTDescriptor", [entries, first, bits]))
    if len(table) < entries:
        raise UnusableValue(f"{tag('LUTData')} has {len(table)} of {entries} entries")
    first = first - (1 << 16) if signed and first >= 1 << 15 else first
    return Lut(first, bits, table[:entries])


def _words(value: Any, little_endian: bool) -> Values:
    """Convert an attribute given as bytes, a number or several numbers to unsigned 16-bit words."""
    if isinstance(value, bytes):
        words = np.frombuffer(value[: len(value) // 2 * 2], "<u2" if little_endian else ">u2")
        return words.astype(np.float64)
    return (np.atleast_1d(np.asarray(value, dtype=np.int64)) & 0xFFFF).astype(np.float64)


def _voi_lut(dataset: Dataset, ends: tuple[float, float], warn: Warn, flags: dict[str, str]) -> Lut | None:
    try:
        item = _item(dataset, "VOILUTSequence")
        return None if item is None else read_lut(item, little_endian=_little(dataset), signed=ends[0] < 0)
    except UnusableValue as error:
        warn(f"{tag('VOILUTSequence')} ignored: {error}")
        flags.setdefault("voi_contradiction", str(error))
        return None


def _window(dataset: Dataset, warn: Warn) -> tuple[float, float, str] | None:
    """Return center, width and function of the first window; ``None`` where there is no usable one."""
    try:
        centers, widths = (numbers(dataset, keyword) for keyword in ("WindowCenter", "WindowWidth"))
    except UnusableValue as error:
        warn(f"window ignored: {error}")
        return None
    if centers and widths and len(centers) != len(widths):
        unequal = f"{len(centers)} values of {tag('WindowCenter')}, but {len(widths)} of {tag('WindowWidth')}"
        warn(f"{unequal}; the first of each is taken")
    center, width = (found[0] if found else None for found in (centers, widths))
    if center is None and width is None:
        if any(dataset.get_item(keyword) is not None for keyword in ("WindowCenter", "WindowWidth")):
            warn(f"window ignored: {tag('WindowCenter')} is empty")
        return None
    if center is None or width is None:
        warn(f"window ignored: {tag('WindowCenter' if center is None else 'WindowWidth')} is missing")
        return None
    function = code(dataset, "VOILUTFunction") or "LINEAR"
    if function not in FUNCTIONS:
        warn(f"window ignored: {tag('VOILUTFunction', function)} is none of {', '.join(FUNCTIONS)}")
        return None
    if width <= 0 or (function == "LINEAR" and width < 1):
        warn(f"window ignored: {tag('WindowWidth', width)} is too small for {function}")
        return None
    return center, width, function


def warn_past(lut: Lut, keyword: str, warn: Warn) -> None:
    """Warn of entries above the bits that a table declares; they are clipped."""
    if lut.data.max() >= 2**lut.bits:
        most = 2**lut.bits - 1
        warn(
            f"{tag(keyword)}: {tag('LUTData')} goes to {lut.data.max():g}, past its declared {most}; clipped"
        )


def _item(dataset: Dataset, keyword: str) -> Dataset | None:
    """Return the first item of a sequence, where there is one."""
    try:
        return first_item(dataset, keyword)
    except PARSE_ERRORS as error:
        raise UnusableValue(tag(keyword)) from error


def _little(dataset: Dataset) -> bool:
    return dataset.original_encoding[1] is not False
