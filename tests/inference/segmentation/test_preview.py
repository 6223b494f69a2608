"""The picture to judge a segmentation by: outlines, widths, letters and words, where they belong."""

import numpy as np
import pytest
from PIL import Image

from cxrtk.api import Radiograph, Segmentation
from cxrtk.inference.segmentation.preview import (
    BLUE,
    FILL,
    LARGEST,
    ORANGE,
    SMALLEST,
    WHITE,
    YELLOW,
    caption,
    preview,
)
from tests.drawn_chest import CLASSES, shapes

COLOUR_OF = dict(zip(CLASSES, (BLUE, ORANGE, YELLOW), strict=True))


def segmentation(*, scale=20, spacing=None, ratio=0.4, grey=0.5):
    """The drawn chest, enlarged, on a plain grey picture with one black and one white row."""
    masks = np.kron(shapes(), np.ones((scale, scale), np.uint8))
    pixels = np.full(masks.shape[1:], grey, np.float32)
    pixels[: len(pixels) // 20], pixels[-(len(pixels) // 20) :] = 0.0, 1.0
    measures = {"cardiothoracic_ratio": ratio, "cardiothoracic_interval": None, "spacing_mm": spacing}
    quality = {"flag": "ok", "score": 0.9}
    return Segmentation(
        "a.png",
        Radiograph(pixels),
        masks,
        CLASSES,
        masks.astype(np.float32),
        measures,
        quality,
        {"name": "m"},
    )


def painted(picture, colour):
    """(H, W): whether a pixel has exactly this colour."""
    return (np.asarray(picture) == colour).all(axis=-1)


@pytest.mark.parametrize("name", CLASSES)
def test_each_outline_lies_at_the_border_of_its_mask(name):
    """Within three pixels of a change of the mask, and along most of it."""
    made = segmentation(ratio=None)
    made.measures["cardiothoracic_ratio"] = None
    picture = preview(made)
    mask = np.asarray(
        Image.fromarray(made.masks[CLASSES.index(name)]).resize(picture.size, Image.Resampling.NEAREST)
    )
    near = np.zeros(mask.shape, bool)
    for row in range(-3, 4):
        for column in range(-3, 4):
            near |= np.roll(mask, (row, column), (0, 1)) != mask
    found = painted(picture, COLOUR_OF[name])
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    box = found[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert (box & ~near[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]).sum() == 0
    perimeter = 2 * (len(rows) + len(columns))
    assert box.sum() > perimeter  # at least two pixels wide along half of it, as others may cross it


@pytest.mark.parametrize(("side", "expected"), [(10, SMALLEST), (20, 800), (60, LARGEST)])
def test_the_longer_side(side, expected):
    """Small images are enlarged and large ones reduced; the shape stays."""
    made = segmentation(scale=side)
    height, width = made.radiograph.pixels.shape
    picture = preview(made)
    longest = max(height, width)
    assert max(picture.size) == (expected if longest < SMALLEST or longest > LARGEST else longest)
    assert picture.width / picture.height == pytest.approx(width / height, rel=0.01)


def test_the_widths_are_drawn_only_with_a_ratio():
    """The chest's line is white and 600 pixels long: 30 columns of 20, and at least two rows."""
    drawn, not_drawn = (painted(preview(segmentation(ratio=ratio)), WHITE)[:-100] for ratio in (0.4, None))
    assert 2 * 600 <= drawn.sum() < 4 * 600 and not_drawn.sum() == 0


def test_a_filled_mask_is_tinted():
    """Grey at one half, in the middle of the right lung."""
    made = segmentation()
    rows, columns = np.nonzero(made.masks[0])
    place = int(np.median(columns)), int(np.percentile(rows, 25))
    found = np.array(preview(made, fill=True).getpixel(place))
    plain = np.array(preview(made).getpixel(place))
    assert np.abs(found - ((1 - FILL) * plain + FILL * np.array(BLUE))).max() <= 1


def test_side_by_side():
    """The plain image on the left, without colours, and the same picture on the right."""
    both, alone = np.asarray(preview(segmentation(), side_by_side=True)), np.asarray(preview(segmentation()))
    half = both.shape[1] // 2
    assert np.array_equal(both[:, half:], alone)
    assert (both[:, :half] == both[:, :half, :1]).all()


def test_a_plain_picture_and_empty_masks():
    """Nothing is divided by zero, and nothing is drawn but words."""
    made = segmentation()
    empty = Segmentation(
        "a.png", Radiograph(np.zeros((50, 40), np.float32)), made.masks[:, :50, :40] * 0, CLASSES,
        made.probabilities, {}, {}, {},
    )  # fmt: skip
    assert np.asarray(preview(empty)).max() == 0


def test_the_words_without_a_flag_or_a_ratio():
    """What is not known is not said."""
    assert caption({}, {}, {"name": "m"}) == "model m"
    assert caption({"cardiothoracic_ratio": 0.512}, {}, {}) == "cardiothoracic ratio 0.51"
