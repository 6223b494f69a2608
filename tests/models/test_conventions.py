"""Which outputs of a model are lungs by which convention."""

import pytest

from cxrtk.errors import ConfigError
from cxrtk.models.conventions import lung_classes, own_classes, own_convention
from cxrtk.models.model_file import ModelSpec

FOUR = ("right_lung", "left_lung", "heart", "lungs_with_heart")
SIDES, THREE, ONE = FOUR[:2], FOUR[:3], ("lungs",)
BOTH = "human masks, heart excluded; human masks, heart included"
WITHOUT = "human masks, heart excluded"


def spec(classes, heart="excluded", labels=None):
    trained = {} if labels is None else {"labels": labels}
    return ModelSpec("m", {}, classes, 64, heart=heart, trained=trained)


@pytest.mark.parametrize(
    ("of", "heart", "expected"),
    [
        (spec(FOUR, labels=BOTH), "excluded", SIDES),
        (spec(FOUR, labels=BOTH), "unknown", SIDES),
        (spec(FOUR, labels=BOTH), "included", ("lungs_with_heart",)),
        (spec(FOUR, "included", BOTH), "excluded", SIDES),
        (spec(THREE), "included", THREE),
        (spec(ONE), "excluded", ONE),
        (spec(ONE), "unknown", ONE),
        (spec(ONE, "included"), "included", ONE),
        (spec(ONE, "included"), "unknown", ONE),
    ],
)
def test_the_lungs_of_a_convention(of, heart, expected):
    """Both sides against masks without the heart, the output drawn through it against the others."""
    assert lung_classes(of, heart) == expected


@pytest.mark.parametrize(
    ("of", "heart"),
    [
        (spec(ONE), "included"),
        (spec(ONE, "included"), "excluded"),
        (spec(SIDES), "included"),
        (spec(FOUR, labels=WITHOUT), "included"),  # that output never learned where lungs end
    ],
)
def test_two_conventions_are_never_mixed_in_silence(of, heart):
    """An error that names both, and the way to compare all the same."""
    with pytest.raises(ConfigError, match=f"heart {heart}.*--lungs"):
        lung_classes(of, heart)


@pytest.mark.parametrize(
    ("of", "convention", "classes"),
    [
        (spec(FOUR, labels=BOTH), "heart-excluded", THREE),
        (spec(FOUR, "included", BOTH), "heart-excluded", THREE),
        (spec(ONE), "heart-excluded", ONE),
        (spec(ONE, "included"), "heart-included", ONE),
    ],
)
def test_a_models_own_convention(of, convention, classes):
    """With an output for each lung the heart is no lung; the output drawn through it is for the other."""
    assert (own_convention(of), own_classes(of)) == (convention, classes)
