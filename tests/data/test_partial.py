"""What a label says of each class, and what it leaves open: drawn by hand, and on real masks."""

import numpy as np
import pytest
import torch

from cxrtk import CxrReadError, Label, readers
from cxrtk.data import LoadClassesd
from cxrtk.data.partial import known_classes, split_sides, surely_lung

RIGHT, LEFT, HEART, FULL = range(4)

# Two lungs, the right one on the image's left; a heart that touches the left one.
LUNGS = np.array(
    [
        [0, 1, 0, 0, 0, 1, 0],
        [1, 1, 0, 0, 0, 1, 1],
        [1, 1, 0, 0, 0, 1, 1],
        [1, 1, 0, 0, 0, 0, 1],
    ],
    np.uint8,
)
ONLY_RIGHT = LUNGS * (np.arange(7) < 3).astype(np.uint8)
ONLY_LEFT = LUNGS - ONLY_RIGHT
HEART_MASK = np.zeros_like(LUNGS)
HEART_MASK[2:, 2:5] = 1


def label(masks, classes, heart, ignore=None) -> Label:
    return Label(np.stack(masks), classes, "human", heart, ignore)


def test_sides_and_heart():
    """A label with all three classes is taken over; nothing of them is unknown."""
    values = known_classes(
        label([ONLY_RIGHT, ONLY_LEFT, HEART_MASK], ("right_lung", "left_lung", "heart"), "excluded")
    )
    assert (values[[RIGHT, LEFT, HEART]] == np.stack([ONLY_RIGHT, ONLY_LEFT, HEART_MASK])).all()


def test_lungs_without_the_heart():
    """The two parts become sides; the heart is unknown; lungs drawn through the heart contain these."""
    values = known_classes(label([LUNGS], ("lungs",), "excluded"))
    assert (values[RIGHT] == ONLY_RIGHT).all() and (values[LEFT] == ONLY_LEFT).all()
    assert (values[HEART] == -1).all()
    assert (values[FULL][LUNGS == 1] == 1).all() and (values[FULL][LUNGS == 0] == -1).all()


def test_lungs_through_the_heart():
    """They are known whole; of the sides only what lies outside, and the upper outer quarter of each lung."""
    values = known_classes(label([LUNGS], ("lungs",), "included"))
    assert (values[FULL] == LUNGS).all() and (values[HEART] == -1).all()
    expected = np.where(LUNGS, -1, 0)
    expected[0, 1] = expected[1, 0] = 1  # widths 1 and 2: round(0.5) is 0, round(1.0) is 1
    expected[0, 1] = -1
    expected[1, 6] = 0  # surely left
    assert (values[RIGHT] == expected).all()


def test_lungs_in_one_part_have_no_sides():
    """Known outside, unknown inside: nobody guesses where the middle is."""
    values = known_classes(label([np.pad(np.ones((2, 5), np.uint8), 1)], ("lungs",), "excluded"))
    assert set(np.unique(values[[RIGHT, LEFT]])) == {-1, 0}


def test_ignored_pixels_are_unknown_in_every_class():
    """Whatever the masks say there."""
    ignore = np.zeros_like(LUNGS)
    ignore[1, 0] = 1
    assert (known_classes(label([LUNGS], ("lungs",), "excluded", ignore))[:, 1, 0] == -1).all()


def test_small_parts_go_with_the_nearer_lung():
    """As the tip of a lung behind a rib may be drawn apart."""
    lungs = np.zeros((20, 40), bool)
    lungs[2:18, 2:12] = lungs[2:18, 28:38] = True
    lungs[0, 13] = True
    right, left = split_sides(lungs)
    assert right[0, 13] and not left[0, 13]
    assert (right | left == lungs).all() and not (right & left).any()


def test_the_sure_part_by_hand():
    """Upper half of the rows; of each the outer half of its columns."""
    lung = np.ones((4, 4), bool)
    assert surely_lung(lung, right=True).tolist() == [[True, True, False, False]] * 2 + [[False] * 4] * 2
    assert surely_lung(lung, right=False).tolist() == [[False, False, True, True]] * 2 + [[False] * 4] * 2


def test_sides_of_merged_masks_are_those_drawn_by_humans(cxrtk_data):
    """JSRT has both: its lungs merged and split again give back its own sides, on every image."""
    reader = readers.create("image_mask_folder", root=cxrtk_data / "jsrt")
    for item in reader.items()[::6]:
        human = reader.read_label(item)
        right, left = split_sides(human.lungs().astype(bool))
        assert (right == human.masks[0]).mean() > 0.9999 and (left == human.masks[1]).mean() > 0.9999


def test_the_transform_on_real_labels(cxrtk_data):
    """(4, H, W) float32 of -1, 0 and 1, at the image's size."""
    reader = readers.create("image_mask_folder", root=cxrtk_data / "covid_v7", heart="included")
    item = reader.items()[0]
    values = LoadClassesd("label", reader)({"label": item})["label"]
    assert values.dtype == torch.float32
    assert values.shape == (4, *reader.read(item["image"]).pixels.shape)
    assert set(values.unique().tolist()) == {-1.0, 0.0, 1.0}


def test_an_unknown_convention_is_refused(cxrtk_data):
    """With the file and the argument to give."""
    reader = readers.create("image_mask_folder", root=cxrtk_data / "openist")
    item = reader.items()[0]
    with pytest.raises(CxrReadError, match=r"run through the heart.*heart='excluded'") as raised:
        LoadClassesd("label", reader)({"label": item})
    assert item["image"] in str(raised.value)
