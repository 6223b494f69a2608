"""What a Label refuses, and what it calls lungs."""

import numpy as np
import pytest

from cxrtk import Label

MASKS = np.zeros((2, 4, 6), dtype=np.uint8)
LEFT_RIGHT = ("right_lung", "left_lung")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"masks": MASKS[0]}, r"\(C, H, W\) uint8"),
        ({"masks": MASKS.astype(np.float32)}, "float32"),
        ({"masks": MASKS + np.uint8(2)}, "0 and 1"),
        ({"masks": MASKS[:, :0]}, "empty"),
        ({"classes": ("lungs",)}, "2 different classes"),
        ({"classes": ("lungs", "lungs")}, "2 different classes"),
        ({"truth": "divine"}, "'divine'"),
        ({"heart": "perhaps"}, "'perhaps'"),
        ({"ignore": np.zeros((4, 5), np.uint8)}, r"not \(4, 5\)"),
        ({"ignore": np.zeros((4, 6), np.float32)}, "float32"),
        ({"ignore": np.full((4, 6), 2, np.uint8)}, "ignore must hold 0 and 1"),
    ],
)
def test_no_invalid_label_exists(arguments, message):
    """What the docstring does not allow is refused when it is made."""
    with pytest.raises(ValueError, match=message):
        Label(**{"masks": MASKS, "classes": LEFT_RIGHT, "truth": "human", **arguments})


@pytest.mark.parametrize(
    ("classes", "channels"),
    [
        (("lungs",), [0]),
        (("right_lung", "left_lung"), [0, 1]),
        (("heart", "left_lung", "right_lung"), [1, 2]),
        (("heart", "lungs"), [1]),
    ],
)
def test_lungs_are_both_lungs_alone(classes, channels):
    """`lungs()` is 1 in the lungs' channels and nowhere else; never in the heart's."""
    masks = np.eye(len(classes), dtype=np.uint8)[:, None, :]  # channel c is 1 at column c only
    assert np.flatnonzero(Label(masks, classes, "human").lungs()[0]).tolist() == channels


def test_one_lung_is_no_lungs():
    """A label with a single lung has no complete lungs, and says which classes it has."""
    with pytest.raises(ValueError, match="right_lung"):
        Label(MASKS[:1], ("right_lung",), "human").lungs()
