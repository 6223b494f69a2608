"""Pictures for TensorBoard: pixels of the outlines, and words of the caption."""

import numpy as np
import pytest
import torch

from cxrtk import metrics
from cxrtk.data.overlay import MASK_COLOUR, TRUTH_COLOUR
from cxrtk.training.pictures import SMALLEST, caption, captioned

SIDE = 40
FACTOR = SMALLEST // SIDE


def square(first: int, behind: int) -> np.ndarray:
    """A (1, 40, 40) mask: rows and columns from `first` to `behind`, which is left out."""
    mask = np.zeros((1, SIDE, SIDE), bool)
    mask[0, first:behind, first:behind] = True
    return mask


def panels(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The image, and the image with outlines, without the caption."""
    plain, outlined = np.split(picture[-FACTOR * SIDE :], 2, axis=1)
    return plain, outlined


def shown(panel: np.ndarray, colour: tuple[int, int, int]) -> set[tuple[int, int]]:
    """Pixels of the original image in which a colour is seen."""
    rows, columns = np.nonzero((panel == colour).all(axis=2))
    return set(zip((rows // FACTOR).tolist(), (columns // FACTOR).tolist(), strict=True))


def border(first: int, behind: int) -> set[tuple[int, int]]:
    """Outermost pixels of a square, counted by hand."""
    inside = range(first, behind)
    return {(r, c) for r in inside for c in inside if {r, c} & {first, behind - 1}}


def test_each_mask_is_outlined_in_its_colour():
    """Orange around the truth, blue around the prediction, and nothing is filled."""
    _, outlined = panels(captioned(np.zeros((SIDE, SIDE), np.float32), square(5, 15), square(20, 30)))
    assert shown(outlined, TRUTH_COLOUR) == border(5, 15)
    assert shown(outlined, MASK_COLOUR) == border(20, 30)


def test_each_class_is_outlined():
    """Two squares of two classes give two outlines, though their union is one."""
    truth = np.concatenate([square(5, 15), square(15, 25)])
    _, outlined = panels(captioned(np.zeros((SIDE, SIDE), np.float32), truth, truth & False))
    assert shown(outlined, TRUTH_COLOUR) == border(5, 15) | border(15, 25)


def test_the_image_is_stretched_and_stands_alone_beside_them():
    """Values from -2 to 2 become black to white, and the left panel has no mask colours."""
    image = np.broadcast_to(np.linspace(-2, 2, SIDE, dtype=np.float32), (SIDE, SIDE))
    plain, _ = panels(captioned(image, square(5, 15), square(5, 15)))
    expected = np.round(np.linspace(0, 255, SIDE)).repeat(FACTOR)
    assert np.abs(plain.astype(int) - expected[None, :, None]).max() <= 1


@pytest.mark.parametrize(("side", "factor"), [(32, 10), (256, 2), (320, 1), (512, 1)])
def test_small_images_are_enlarged_by_a_whole_factor(side, factor):
    """Two panels are twice as wide as the image; the caption is above them."""
    nothing = np.zeros((1, side, side), bool)
    picture = captioned(np.zeros((side, side), np.float32), nothing, nothing)
    assert picture.shape[1] == 2 * side * factor
    assert side * factor < picture.shape[0] < 1.25 * side * factor


def test_the_caption_says_what_is_what():
    """White words, and a line and a word in each of the two colours."""
    picture = captioned(np.zeros((SIDE, SIDE), np.float32), square(0, 2), square(0, 2), "chest")
    strip = picture[: -FACTOR * SIDE]
    for colour in (TRUTH_COLOUR, MASK_COLOUR, (255, 255, 255)):
        assert (strip == colour).all(axis=2).sum() > 20


def test_a_long_caption_is_cut_at_its_beginning():
    """The picture is that of the end of the name, and keeps the Dice and a margin on the right."""
    nothing = np.zeros((SIDE, SIDE), np.float32)
    full = square(0, 9)
    long = captioned(nothing, full, full, "x" * 90 + "chest")
    other = captioned(nothing, full, full, "y" + "x" * 99 + "chest")
    columns = np.nonzero((long[: long.shape[0] - FACTOR * SIDE] > 0).any(axis=(0, 2)))[0]
    assert (long == other).all() and 0.9 < columns.max() / long.shape[1] < 0.99


def test_the_words_can_be_read_where_tensorboard_shows_350_pixels():
    """The lines of the caption take a ninth of the width together, 39 pixels of 350."""
    nothing = np.zeros((1, 256, 256), bool)
    picture = captioned(np.zeros((256, 256), np.float32), nothing, nothing, "chest")
    assert (picture.shape[0] - 512) * 350 / picture.shape[1] > 38


def test_the_dice_is_that_of_the_metric():
    """The mean over the classes, as the registered metric computes it for one image."""
    rng = np.random.default_rng(0)
    truth, pred = rng.random((2, 3, 8, 8)) > 0.5
    metric = metrics.create("dice")
    metric(torch.tensor(pred)[None].float(), torch.tensor(truth)[None].float())
    assert caption("chest", truth, pred) == f"chest, Dice {metric.aggregate().item():.3f}"


def test_an_empty_truth_has_no_dice():
    """Its Dice would be 0 or 1 by convention, so that the words say that it is empty."""
    assert caption("chest", square(0, 0), square(0, 9)) == "chest, the truth is empty"
