"""Names of lungs in others' spellings, and masks put together by their names."""

import numpy as np
import pytest

from cxrtk import CxrReadError, labels

SPELLINGS = {
    "right_lung": [
        "right lung",
        "Right_Lung",
        "rightMask",
        "lung-right",
        "RLung",
        "R",
        "RIGHT",
        "lung_r",
        "Rlung",
    ],
    "left_lung": ["left lung", "leftMask", "Left", "lungLeft", "L", "left-lung-mask", "LeftLung", "llung"],
    "lungs": ["lung", "Lungs", "lung mask", "LUNG", "both lungs", "lung_field"],
    "heart": ["heart", "Heart", "heart_mask"],
    "left_clavicle": ["Left Clavicle", "left clavicle"],
    "covid_19": ["Covid-19", "COVID-19"],
}


@pytest.mark.parametrize(("wanted", "name"), [(k, v) for k, each in SPELLINGS.items() for v in each])
def test_spellings(wanted: str, name: str) -> None:
    """Case, blanks, underscores and order do not matter; other names are kept."""
    assert labels.class_of(name) == wanted


def test_names_of_one_s_own_go_first() -> None:
    """As they are written in the file."""
    assert labels.class_of("Segment 1", {"Segment 1": "lungs"}) == "lungs"
    assert labels.class_of("left lung", {"left lung": "right_lung"}) == "right_lung"


def test_parts_of_one_class_are_united() -> None:
    """Right comes before left, lungs before others."""
    one, two = np.eye(3, dtype=np.uint8), np.fliplr(np.eye(3, dtype=np.uint8))
    named = labels.unite([("rib", one), ("left_lung", one), ("right_lung", two), ("left_lung", two)], (3, 3))
    assert named.classes == ("right_lung", "left_lung", "rib")
    assert np.array_equal(named.masks, np.stack([two, one | two, one]))


def test_lungs_need_both_sides() -> None:
    """One side is half of them: an error that names what there is."""
    one = np.eye(3, dtype=np.uint8)
    both = labels.unite([("left_lung", one), ("right_lung", one[::-1])], (3, 3))
    assert np.array_equal(both.lungs("a.dcm"), one | one[::-1])
    with pytest.raises(CxrReadError, match=r"a\.dcm: holds 'left_lung', but not both lungs; .*names="):
        labels.unite([("left_lung", one)], (3, 3)).lungs("a.dcm")
