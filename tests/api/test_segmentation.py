"""What a Segmentation refuses, what it calls lungs, and what a Writer does by default."""

from pathlib import Path

import numpy as np
import pytest

from cxrtk import Radiograph, Segmentation, Writer

RADIOGRAPH = Radiograph(np.full((4, 6), 0.5, dtype=np.float32))
LEFT_RIGHT = ("right_lung", "left_lung")


def segmentation(**arguments):
    masks = np.zeros((2, 4, 6), dtype=np.uint8)
    masks[0, :, 0] = masks[1, :, 5] = 1
    made = {"masks": masks, "classes": LEFT_RIGHT, "probabilities": np.zeros((2, 8, 8), np.float32)}
    about = {"measures": {}, "quality": {}, "model": {}}
    return Segmentation(Path("a.png"), RADIOGRAPH, **{**made, **about, **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"masks": np.zeros((2, 6, 4), np.uint8)}, r"\(2, 4, 6\) uint8, not \(2, 6, 4\)"),
        ({"masks": np.zeros((2, 4, 6), np.float32)}, "not .* float32"),
        ({"classes": ("lungs",)}, r"must be \(1, 4, 6\)"),
        ({"convention": "heart-somewhere"}, "'heart-somewhere'"),
    ],
)
def test_no_invalid_segmentation_exists(arguments, message):
    """What the docstring does not allow is refused when it is made."""
    with pytest.raises(ValueError, match=message):
        segmentation(**arguments)


def test_lungs_are_both_lungs():
    """The two single lungs in one mask, of the image's size."""
    lungs = segmentation().lungs()
    assert lungs.dtype == np.uint8 and np.flatnonzero(lungs.any(axis=0)).tolist() == [0, 5]


def test_a_writer_finishes_nothing_by_default(tmp_path):
    """Most formats have no file that covers all radiographs."""

    class One(Writer):
        def write(self, segmentation, stem):
            return []

    assert One().finish(tmp_path, [{"input": "a.png"}]) == [] and list(tmp_path.iterdir()) == []
