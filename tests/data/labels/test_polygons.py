"""Polygons: by hand, against scikit-image, which has the same rule, and pycocotools, which draws edges."""

import time

import numpy as np
import pytest
from pycocotools import mask as coco_api
from skimage.draw import polygon2mask

from cxrtk import labels

# pycocotools has not followed NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_a_pixel_counts_by_its_centre() -> None:
    """A corner at 1.4 takes the pixel whose centre is 1.5; one at 1.6 does not."""
    square = [(1.4, 1.6), (4, 1.6), (4, 3.2), (1.4, 3.2)]
    assert np.argwhere(labels.fill([square], (6, 6))).tolist() == [[2, 1], [2, 2], [2, 3]]


def test_centred_points_are_half_a_pixel_further() -> None:
    """0, 0 is then the centre of the first pixel."""
    square = np.array([(0.6, 0.6), (2.4, 0.6), (2.4, 2.4), (0.6, 2.4)])
    assert np.array_equal(labels.fill([square], (5, 5), centred=True), labels.fill([square + 0.5], (5, 5)))


@pytest.mark.parametrize("seed", range(40))
def test_as_scikit_image_fills(seed: int) -> None:
    """Random polygons, most of which cross themselves, partly outside the picture."""
    random = np.random.default_rng(seed)
    height, width = random.integers(20, 120, 2)
    points = random.random((random.integers(3, 12), 2)) * [width * 1.4, height * 1.4] - [
        width * 0.2,
        height * 0.2,
    ]
    theirs = polygon2mask((height, width), points[:, ::-1] - 0.5)
    assert np.count_nonzero(labels.fill([points], (height, width)) != theirs) <= 1


def test_as_pycocotools_fills() -> None:
    """An ellipse of 12,500 pixels: the two rules differ along its edge only."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    points = np.column_stack([100 + 50 * np.cos(angle), 120 + 80 * np.sin(angle)])
    ours = labels.fill([points], (256, 200))
    theirs = coco_api.decode(coco_api.frPyObjects([points.ravel().tolist()], 256, 200))[..., 0]
    assert 2 * (ours & theirs).sum() / (ours.sum() + theirs.sum()) > 0.997


def test_several_polygons_are_united() -> None:
    """Overlaps stay inside."""
    one, other = [(0, 0), (4, 0), (4, 4), (0, 4)], [(2, 2), (6, 2), (6, 6), (2, 6)]
    both = labels.fill([one, other], (8, 8))
    assert np.array_equal(both, labels.fill([one], (8, 8)) | labels.fill([other], (8, 8)))


@pytest.mark.parametrize(
    ("polygon", "said"),
    [
        ([(1, 1), (2, 2)], "polygon 1 is not three or more points"),
        ([(1, 1, 1)] * 3, "polygon 1 is not three or more points"),
        ([(1, 1), (2, 2), (float("nan"), 3)], "not finite"),
        ([(1, 1), (2, 2), (1e9, 3)], "far outside"),
        ([("a", 1), (2, 2), (1, 3)], "not a list of numbers"),
        ([(1, 1), (2, 2), (1,)], "not a list of numbers"),
        (None, "not three or more points"),
    ],
)
def test_what_is_no_polygon_is_refused(polygon, said: str) -> None:
    """The message names the polygon."""
    with pytest.raises(ValueError, match=said):
        labels.fill([polygon], (8, 8))


def test_a_bomb_is_cheap() -> None:
    """Edges up and down through all rows of a large picture are refused before they are drawn."""
    zigzag = np.column_stack([np.arange(90_000) % 900, np.arange(90_000) % 2 * 9000])
    began = time.process_time()
    with pytest.raises(ValueError, match="more often than an outline"):
        labels.fill([zigzag], (9000, 900))
    with pytest.raises(ValueError, match="more than 100000 points"):
        labels.fill([zigzag, zigzag], (9, 900))
    assert time.process_time() - began < 1
