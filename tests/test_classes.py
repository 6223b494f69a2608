"""Names of classes: which are lungs, and which change places in a mirror."""

import pytest

from cxrtk.classes import CLASSES, lung_indices, mirrored_order


def test_mirrored_order():
    """Sides change places; what has no side stays."""
    assert mirrored_order(("lungs",)) == [0]
    assert mirrored_order(("heart", "left_lung", "right_lung")) == [0, 2, 1]


@pytest.mark.parametrize(
    ("classes", "lungs"),
    [(CLASSES, [0, 1]), (("lungs", "heart"), [0]), (("heart", "left_lung"), [1]), (("heart",), []), ((), [])],
)
def test_lungs_are_those_without_the_heart(classes, lungs):
    """Either side, or both as one class; never ``lungs_with_heart``."""
    assert lung_indices(classes) == lungs
