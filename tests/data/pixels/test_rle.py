"""Run-length encoded masks: by hand, against a few lines that know nothing of numpy, and wrong ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxrtk.data.pixels.rle import decode_rle


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", ["0000", "0000", "0000"]),
        ("1 1", ["1000", "0000", "0000"]),
        ("12 1", ["0000", "0000", "0001"]),
        ("1 12", ["1111", "1111", "1111"]),
        ("2 2 7 3", ["0110", "0011", "1000"]),  # the second run goes over the end of a row
        ("2 2 4 1", ["0111", "0000", "0000"]),  # two runs that touch
        (" 2  2\n", ["0110", "0000", "0000"]),
    ],
)
def test_by_hand(text, rows):
    """Starts count from 1, and runs go along the rows."""
    expected = [[int(pixel) for pixel in row] for row in rows]
    assert decode_rle(text, 3, 4).tolist() == expected
    assert decode_rle(text, 3, 4).dtype == np.uint8


def encode(mask):
    """A plain encoder: walk over the pixels, row by row."""
    runs, start = [], None
    pixels = [value for row in mask.tolist() for value in row] + [0]
    for number, value in enumerate(pixels, start=1):
        if value and start is None:
            start = number
        elif not value and start is not None:
            runs.append(f"{start} {number - start}")
            start = None
    return " ".join(runs)


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 1)))
def test_any_mask_comes_back(mask):
    """What a plain encoder writes is read as the mask that it was given."""
    assert np.array_equal(decode_rle(encode(mask), *mask.shape), mask)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 3", "3 numbers"),
        ("1 two", "'two', which is not an integer"),
        ("1 -2", "'-2', which is not an integer"),
        ("1.0 2", "'1.0', which is not an integer"),
        ("nan", "'nan'"),
        ("1 ٣", "not an integer"),
        ("1 99999999999999999999", "not an integer"),
        ("1 999999999999999", "run 1 .* ends behind the last of 3 x 4 = 12 pixels"),
        ("0 1", r"run 1 \(start 0, length 1\) begins before pixel 1"),
        ("1 0", "run 1 .* is empty"),
        ("1 2 2 1", r"run 2 \(start 2, length 1\) begins before pixel 3"),
        ("5 2 1 1", "run 2 .* begins before"),
        ("1 2 11 3", r"run 2 \(start 11, length 3\) ends behind the last of 3 x 4"),
        ("13 1", "run 1 .* ends behind"),
    ],
)
def test_a_wrong_one_says_which_run(text, message):
    """No run is cut off, and none is left out: the text is refused."""
    with pytest.raises(ValueError, match=message):
        decode_rle(text, 3, 4)
