"""Images that are spoiled to fit the quality flag: what each kind does to image and classes."""

import numpy as np
import pytest

from cxrtk.inference.quality.spoil import KINDS, spoiled

SIDE = 64


def chest():
    """(64, 64) and (4, 64, 64): two lungs, darker than the rest, a heart between them, and all in one."""
    classes = np.zeros((4, SIDE, SIDE), np.int8)
    classes[0, 10:50, 8:26] = classes[1, 10:50, 38:56] = classes[2, 34:50, 24:40] = 1
    classes[1][classes[2] > 0] = classes[0][classes[2] > 0] = 0
    classes[3] = classes[:3].max(axis=0)
    image = np.full((SIDE, SIDE), 0.6, np.float32)
    image[classes[:2].max(axis=0) > 0] = 0.2
    return image, classes


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_changed_and_stays_one(kind, seed):
    """Sizes, types and range; the arguments are left as they are; the same seed gives the same."""
    image, classes = chest()
    changed, moved = spoiled(kind, image, classes, np.random.default_rng(seed))
    assert (changed.shape, changed.dtype, moved.shape, moved.dtype) == (
        image.shape,
        "f4",
        classes.shape,
        "i1",
    )
    assert changed.min() >= 0 and changed.max() <= 1 and set(np.unique(moved)) <= {-1, 0, 1}
    assert not np.array_equal(changed, image)
    assert np.array_equal(image, chest()[0]) and np.array_equal(classes, chest()[1])
    again, _ = spoiled(kind, image, classes, np.random.default_rng(seed))
    assert np.array_equal(again, changed)


@pytest.mark.parametrize("kind", ["covered", "shaded", "hazy", "smeared", "whitened"])
def test_what_lies_before_the_lungs_moves_none(kind):
    """The classes are those of the image without it."""
    image, classes = chest()
    assert np.array_equal(spoiled(kind, image, classes, np.random.default_rng(0))[1], classes)


@pytest.mark.parametrize("seed", range(10))
def test_white_lungs_change_within_the_lungs_alone(seed):
    """Up to a soft border; there they are brighter."""
    image, classes = chest()
    changed, _ = spoiled("whitened", image, classes, np.random.default_rng(seed))
    inside = classes[:2].max(axis=0) > 0
    assert (changed - image)[inside].max() > 0.1
    gain = changed - image
    assert abs(gain[inside]).sum() > abs(gain[~inside]).sum()


def test_white_lungs_of_masks_without_sides():
    """One half of what is drawn through the heart."""
    image, classes = chest()
    classes[:3] = -1
    changed, _ = spoiled("whitened", image, classes, np.random.default_rng(1))
    assert not np.array_equal(changed, image)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_cut_off_has_no_class(seed):
    """The strip has one grey level; outside it nothing changes."""
    image, classes = chest()
    changed, left = spoiled("cut_off", image, classes, np.random.default_rng(seed))
    gone = changed != image
    assert not left[:, gone].any() and len(np.unique(changed[gone])) == 1
    removed = (left != classes).any(axis=0)
    rows, columns = np.nonzero(gone | removed)
    strip = np.zeros_like(gone)
    strip[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    assert np.array_equal(left[:, ~strip], classes[:, ~strip])


@pytest.mark.parametrize("seed", range(8))
def test_classes_are_enlarged_with_their_image(seed):
    """The picture of a class is that class again, up to its soft border."""
    _, classes = chest()
    changed, moved = spoiled("enlarged", classes[0].astype(np.float32), classes, np.random.default_rng(seed))
    assert ((changed > 0.5) != (moved[0] > 0)).mean() < 0.04
