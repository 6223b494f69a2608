"""Run-length encoded masks: text such as ``"3 2 9 4"`` -> zeros and ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def decode_rle(text: str, height: int, width: int) -> npt.NDArray[np.uint8]:
    """Decode pairs "start length" along the rows to (H, W) uint8 in {0, 1}; the first pixel is number 1.

    This is the encoding of CheXmask's code (``get_RLE_from_mask`` in its repository): row by row, unlike the
    encoding of many competitions, which runs down the columns. Empty text is an empty mask.

    Raises:
        ValueError: The text is not pairs of integers, a run is empty, starts before the end of the previous
            one, or exceeds the image; the message is a phrase that names the run.

    >>> decode_rle("2 2 6 1", 2, 3)
    array([[0, 1, 1],
           [0, 0, 1]], dtype=uint8)
    """
    numbers = whole_numbers(text)
    if numbers.size % 2:
        raise ValueError(f"has {numbers.size} numbers, which are not pairs of start and length")
    starts, lengths = numbers[0::2] - 1, numbers[1::2]
    ends = starts + lengths
    before = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    wrong = (lengths < 1) | (starts < before) | (ends > height * width)
    if wrong.any():
        run = int(wrong.argmax())
        what = f"run {run + 1} (start {starts[run] + 1}, length {lengths[run]})"
        if lengths[run] < 1:
            raise ValueError(f"{what} is empty")
        if starts[run] < before[run]:
            raise ValueError(f"{what} begins before pixel {before[run] + 1}")
        raise ValueError(f"{what} ends behind the last of {height} x {width} = {height * width} pixels")
    steps = np.zeros(height * width + 1, np.int8)
    steps[starts] += 1  # starts are unique and ends are unique, but a start may equal an end
    steps[ends] -= 1
    return steps[:-1].cumsum(dtype=np.int8).astype(np.uint8).reshape(height, width)


def whole_numbers(text: str) -> npt.NDArray[np.int64]:
    """Parse whole numbers between blanks.

    Raises:
        ValueError: A word is no whole number of fewer than 16 digits.
    """
    words = text.split()
    bad = next((word for word in words if not (word.isascii() and word.isdigit() and len(word) < 16)), None)
    if bad is not None:
        raise ValueError(f"holds {bad[:20]!r}, which is not an integer")
    return np.array(words, dtype=np.int64) if words else np.zeros(0, np.int64)
