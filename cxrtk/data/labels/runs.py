"""Run-length encoded masks in the three codings that are in use.

=========  =======================================================  ====================  ===============
coding     text                                                     order of the pixels   known from
=========  =======================================================  ====================  ===============
pairs      start and length of each run; the first pixel is 1       columns (or rows)     Kaggle, CheXmask
relative   gap before each run, and its length                      columns               SIIM-ACR
COCO       lengths of runs of 0 and 1 in turn, plain or compressed  columns               COCO
=========  =======================================================  ====================  ===============

A run that is empty, out of order or beyond the picture is an error: a mask in another coding is seldom valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.data.pixels.content import MAX_PIXELS
from cxrtk.data.pixels.rle import decode_rle, whole_numbers

MOST_TEXT = 1 << 21  # characters of one mask
_MOST_WORDS = 14  # characters of five bits that one compressed count has at most

Mask = npt.NDArray[np.uint8]


def decode_pairs(text: str, height: int, width: int, *, by_rows: bool = False) -> Mask:
    """Decode pairs "start length", as Kaggle's challenges write them, to (H, W) uint8 in {0, 1}.

    Pixels are counted from 1, down the first column, then down the second one. Empty text, or ``-1`` alone,
    is an empty mask.

    Args:
        text: Whole numbers between blanks.
        height: Number of rows.
        width: Number of columns.
        by_rows: Count pixels along the rows instead, as CheXmask does.

    Raises:
        ValueError: The text is not pairs, or a run is empty, out of order or exceeds the picture; the message
            is a phrase that names the run.

    >>> decode_pairs("2 2 6 1", 3, 2).tolist()
    [[0, 0], [1, 0], [1, 1]]
    """
    text = _runs(text)
    _check(height, width)
    if by_rows:
        return decode_rle(text, height, width)
    return np.ascontiguousarray(decode_rle(text, width, height).T)


def decode_relative(text: str, height: int, width: int) -> Mask:
    """Decode pairs "gap length", as SIIM-ACR's masks are written, to (H, W) uint8 in {0, 1}.

    Each gap is counted from the end of the run before, and the first one from the first pixel, down the
    columns. Empty text, or ``-1`` alone, is an empty mask.

    Args:
        text: Whole numbers between blanks.
        height: Number of rows.
        width: Number of columns.

    Raises:
        ValueError: As in `decode_pairs`.

    >>> decode_relative("1 2 2 1", 3, 2).tolist()
    [[0, 0], [1, 0], [1, 1]]
    """
    _check(height, width)
    numbers = whole_numbers(_runs(text))
    if numbers.size % 2:
        raise ValueError(f"has {numbers.size} numbers, which are not pairs of gap and length")
    if numbers.size and (numbers[1::2] < 1).any():
        run = int((numbers[1::2] < 1).argmax())
        raise ValueError(f"run {run + 1} is empty")
    return _alternating(numbers, height, width)


def decode_coco(counts: str | bytes | Sequence[int], height: int, width: int) -> Mask:
    """Decode the counts of COCO to (H, W) uint8 in {0, 1}: lengths of runs of 0 and 1 in turn, by columns.

    Args:
        counts: Whole numbers ("uncompressed"), or the text of the COCO API ("compressed"): each number in
            groups of five bits, low ones first, and from the third one on as the difference to the last but
            one.
        height: Number of rows.
        width: Number of columns.

    Raises:
        ValueError: The counts are no such list or text, or do not add up to the picture.

    >>> decode_coco([1, 2, 2, 1], 3, 2).tolist()
    [[0, 0], [1, 0], [1, 1]]
    >>> decode_coco("122O", 3, 2).tolist()
    [[0, 0], [1, 0], [1, 1]]
    """
    _check(height, width)
    numbers = _unpacked(counts, height * width) if isinstance(counts, str | bytes) else _listed(counts)
    total = sum(numbers.tolist())
    if total != height * width:
        raise ValueError(f"holds {total} pixels, not {width} x {height} = {height * width}")
    return _alternating(numbers, height, width)


def _runs(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise ValueError(f"has {len(text)} characters, more than a mask needs")
    return "" if text.strip() == "-1" else text


def _check(height: int, width: int) -> None:
    if min(height, width) < 1 or height * width > MAX_PIXELS:
        raise ValueError(f"claims a picture of {width} x {height} pixels")


def _alternating(numbers: npt.NDArray[np.int64], height: int, width: int) -> Mask:
    """Draw runs of 0 and 1 in turn down the columns; what is left at the end is 0."""
    ends = np.cumsum(numbers)
    if ends.size and ends[-1] > height * width:
        run = int((ends > height * width).argmax())
        raise ValueError(f"run {run // 2 + 1} ends behind the last of {height * width} pixels")
    values = np.zeros(height * width, np.uint8)
    turns = np.zeros(height * width + 1, np.uint8)
    np.add.at(turns, ends[: 2 * (ends.size // 2) + ends.size % 2], 1)
    np.cumsum(turns[:-1], dtype=np.uint8, out=values)
    return np.ascontiguousarray((values & 1).reshape(width, height).T)


def _listed(counts: Sequence[Any]) -> npt.NDArray[np.int64]:
    if not isinstance(counts, list | tuple) or not all(type(each) is int for each in counts):
        raise ValueError("has counts that are not a list of integers")
    if any(not 0 <= each <= MAX_PIXELS for each in counts):
        raise ValueError("has a count below 0 or above the largest picture")
    return np.array(counts, dtype=np.int64)


def _unpacked(text: str | bytes, most: int) -> npt.NDArray[np.int64]:
    """Undo the compression of the COCO API (``rleFrString``)."""
    data = text.encode("ascii", "replace") if isinstance(text, str) else text
    if len(data) > MOST_TEXT:
        raise ValueError(f"has {len(data)} characters, more than a mask needs")
    numbers: list[int] = []
    value = words = 0
    for byte in data:
        group = byte - 48
        if not 0 <= group < 64 or words == _MOST_WORDS:
            raise ValueError(f"has the character {chr(byte)!r}, which compressed counts do not have there")
        value |= (group & 0x1F) << (5 * words)
        words += 1
        if group & 0x20:
            continue
        if group & 0x10:
            value -= 1 << (5 * words)
        if len(numbers) > 2:
            value += numbers[-2]
        if not 0 <= value <= most:
            raise ValueError(f"has a run of {value} pixels")
        numbers.append(value)
        value = words = 0
    if words:
        raise ValueError("is cut within a number")
    return np.array(numbers, dtype=np.int64)
