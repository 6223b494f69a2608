"""Bits that the stored samples have, where they contradict (0028,0101) BitsStored and (0028,0102) HighBit.

Samples above the stored bits would be cut to them, which wraps bright pixels round to dark ones, or clipped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.data.pixels.dicom.header import ImageHeader
from cxrtk.data.pixels.dicom.spacing import Warn
from cxrtk.data.pixels.dicom.values import tag

Samples = npt.NDArray[np.integer[Any]]
FLAG = "bits_contradiction"
MOST_OVERSHOOT = 0.01  # share of the samples that lossy coding may leave beyond the stored bits
_ROWS = 512  # number of rows that are examined


def bits_of_samples(samples: Samples, header: ImageHeader, warn: Warn, flags: dict[str, str]) -> ImageHeader:
    """Return the header of uncompressed samples, with other stored bits where the samples have other ones.

    The bits beside the stored ones may hold anything (PS3.5 section 8.1.1): junk, an overlay, copies of the
    sign. They belong to the value where neighbours stay close to each other only with them.

    Args:
        samples: (H, W) or (H, W, C), as stored, of 8 or 16 bits.
        header: Header that states the bits.
        warn: Takes a warning of the contradiction.
        flags: Takes the flag ``bits_contradiction``.
    """
    width = 8 * samples.dtype.itemsize
    shift = 0 if header.syntax.is_encapsulated else header.high_bit + 1 - header.bits_stored
    raw = samples.astype(f"u{samples.dtype.itemsize}", copy=False)
    if header.bits_stored == width:
        return header
    most = int(raw.max())
    if shift and most < 1 << header.bits_stored and (raw & ((1 << shift) - 1)).any():
        right = header.bits_stored - 1
        _other("HighBit", header.high_bit, f"the pixels, which go to {most}", right, warn, flags)
        return replace(header, high_bit=right)
    used = raw >> shift
    upper = used >> header.bits_stored
    if int(upper.min()) == int(upper.max()) or (header.signed and _is_sign(used, header.bits_stored)):
        return header
    bits = width - shift
    if not _is_smooth(used, header.bits_stored, bits if header.signed else 0):
        return header
    _other("BitsStored", header.bits_stored, f"the pixels, which go to {int(used.max())}", bits, warn, flags)
    return replace(header, bits_stored=bits, high_bit=bits - 1 + shift)


def bits_of_codec(
    samples: Samples, precision: int, header: ImageHeader, warn: Warn, flags: dict[str, str]
) -> ImageHeader:
    """Return the header of decoded samples, with other stored bits where the codestream has other ones.

    A codec has no unused bits: if it has fewer than the header states, these decide; if it has more, only
    where many samples use them, since a few are the overshoot of lossy coding.

    Args:
        samples: (H, W) or (H, W, C), as decoded.
        precision: Bits that the codestream declares.
        header: Header that states the bits.
        warn: Takes a warning of the contradiction.
        flags: Takes the flag ``bits_contradiction``.
    """
    found = f"the codestream, which has {precision} bits"
    if precision < header.bits_stored:
        bits = precision
    else:
        beyond = np.count_nonzero((samples < header.low) | (samples > header.high))
        if beyond <= MOST_OVERSHOOT * samples.size or header.bits_stored == header.bits_allocated:
            return header
        bits = min(precision, header.bits_allocated)
        found += f" and holds {int(samples.min())} to {int(samples.max())}"
    _other("BitsStored", header.bits_stored, found, bits, warn, flags)
    return replace(header, bits_stored=bits, high_bit=bits - 1)


def _is_sign(used: Samples, stored: int) -> bool:
    """Return whether the upper bits are 0 or repeat the highest stored one, as in signed numbers."""
    upper = used >> stored
    repeated = (upper == upper.max()) & (used >> (stored - 1) & 1 == 1)
    return bool((repeated | (upper == 0)).all()) and int(upper.max()) & (int(upper.max()) + 1) == 0


def _is_smooth(used: Samples, stored: int, sign_bits: int) -> bool:
    """Return whether neighbours with different upper bits have values less than half a cycle apart.

    With junk or an overlay in the upper bits, they are at least about one cycle of the stored bits apart.
    """
    rows = used[:: -(-len(used) // _ROWS)].astype(np.int32)
    values = np.where(rows >> (sign_bits - 1), rows - (1 << sign_bits), rows) if sign_bits else rows
    changes = np.diff(rows >> stored, axis=1) != 0
    steps = np.abs(np.diff(values, axis=1))[changes]
    return bool(steps.size) and float(np.median(steps)) < 1 << (stored - 1)


def _other(keyword: str, stated: int, found: str, taken: int, warn: Warn, flags: dict[str, str]) -> None:
    reason = f"{tag(keyword, stated)} contradicts {found}"
    warn(f"{reason}; taken as {taken}")
    flags.setdefault(FLAG, reason)
