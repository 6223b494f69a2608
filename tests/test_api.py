"""The contracts' values: what a Radiograph and a Label refuse, and what a label calls lungs."""

import numpy as np
import pytest

from cxrtk import Label, Radiograph, Reader

GREY = np.full((4, 6), 0.5, dtype=np.float32)
MASKS = np.zeros((2, 4, 6), dtype=np.uint8)
LEFT_RIGHT = ("right_lung", "left_lung")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pixels": GREY[None]}, r"\(H, W\) float32, not \(1, 4, 6\)"),
        ({"pixels": GREY.astype(np.float64)}, "not .* float64"),
        ({"pixels": np.zeros((0, 6), np.float32)}, "empty"),
        ({"pixels": GREY + 1}, "from 1.5 to 1.5"),
        ({"pixels": GREY - 1}, "from -0.5"),
        ({"pixels": np.full((4, 6), np.nan, np.float32)}, "nan"),
        ({"pixels": GREY, "spacing_mm": (0.1, 0.1)}, "together"),
        ({"pixels": GREY, "spacing_source": "table"}, "together"),
        ({"pixels": GREY, "spacing_mm": (0.1, 0.1), "spacing_source": "guess"}, "'guess'"),
        ({"pixels": GREY, "spacing_mm": (0.1, 0.0), "spacing_source": "table"}, "positive"),
        ({"pixels": GREY, "spacing_mm": (0.1, float("nan")), "spacing_source": "table"}, "positive"),
    ],
)
def test_no_invalid_radiograph_exists(arguments, message):
    """What the docstring does not allow is refused when it is made."""
    with pytest.raises(ValueError, match=message):
        Radiograph(**arguments)


@pytest.mark.parametrize(
    "source", [None, "calibrated", "detector", "magnified", "unspecified", "table"], ids=str
)
def test_each_spacing_source_is_taken(source):
    """All five sources, and none, make a Radiograph."""
    spacing = None if source is None else (0.143, 0.143)
    assert Radiograph(GREY, spacing, source).spacing_source == source


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


def test_a_reader_without_read_cannot_be_built():
    """A forgotten method fails at construction, by its name."""

    class Half(Reader):
        def items(self):
            return []

    with pytest.raises(TypeError, match="read"):
        Half()


def test_a_reader_without_labels_says_so():
    """The default is: no label, for any item."""

    class Plain(Reader):
        def items(self):
            return [{"image": "a.png", "patient": "a"}]

        def read(self, path):
            return Radiograph(GREY)

    assert Plain().read_label(Plain().items()[0]) is None
    assert Plain().has_label(Plain().items()[0]) is False
