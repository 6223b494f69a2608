"""Maps as pictures, pixel by pixel where a colour is known."""

import numpy as np
import pytest
from PIL import Image

from cxrtk.explain.pictures import BAR, DPI, LEAST, SIDE, save_cascade, save_overlay
from cxrtk.explain.sanity import Cascade, Step

MARGIN = round(BAR * DPI)  # pixels at the right


@pytest.fixture
def grey():
    """(512, 512), dark on the left to bright on the right."""
    return np.tile(np.linspace(0, 1, LEAST, dtype=np.float32), (LEAST, 1))


def drawn(tmp_path, pixels, found, signed=True):
    """The picture's image part, as (H, W, 3) floats."""
    save_overlay(pixels, np.asarray(found, np.float32), tmp_path / "map.png", signed=signed)
    with Image.open(tmp_path / "map.png") as file:
        whole = np.asarray(file.convert("RGB"), float)
    return whole[:, :-MARGIN]


@pytest.mark.parametrize(
    ("shape", "picture"),
    [
        ((512, 512), (512, 512)),
        ((2048, 1024), (SIDE, 512)),
        ((64, 128), (256, LEAST)),
        ((300, 700), (300, 700)),
    ],
)
def test_its_size(tmp_path, shape, picture):
    """That of the image, within limits, its shape kept."""
    found = drawn(tmp_path, np.random.default_rng(0).random(shape).astype(np.float32), [[0, 1], [1, 0]])
    assert found.shape[:2] == picture


def test_signs_have_colours(tmp_path, grey):
    """Red where a map is positive, blue where it is negative, and nothing where it is 0."""
    found = np.zeros((4, 4), np.float32)
    found[0, 0], found[3, 3] = 5.0, -5.0
    picture = drawn(tmp_path, grey, found)
    red, _, blue = np.moveaxis(picture, -1, 0)
    assert (red - blue)[:50, :50].mean() > 40
    assert (blue - red)[-50:, -50:].mean() > 40
    assert np.ptp(picture[-50:, :50], axis=-1).max() <= 2


def test_a_signed_map_that_is_positive(tmp_path, grey):
    """Is as red as the same values beside negative ones: a colour means one thing in all of them."""
    picture = drawn(tmp_path, grey, np.full((4, 4), 5.0))
    red, _, blue = np.moveaxis(picture, -1, 0)
    assert (red - blue)[:50, :50].mean() > 40


def test_a_map_without_a_sign(tmp_path, grey):
    """Yellow where it is largest: red and green, little blue."""
    found = np.zeros((4, 4), np.float32)
    found[1, 2] = 0.25
    picture = drawn(tmp_path, grey, found, signed=False)
    at = picture[LEAST * 3 // 8, LEAST * 5 // 8]
    assert at[2] < at[1] - 30 and at[2] < at[0] - 30
    assert np.ptp(picture[-50:, :], axis=-1).max() <= 2


def test_it_lies_where_it_belongs(tmp_path):
    """Rows are rows: on an image higher than wide, the lower left corner."""
    found = np.zeros((8, 4), np.float32)
    found[7, 0] = 1.0
    picture = drawn(tmp_path, np.full((600, 300), 0.5, np.float32), found)
    colour = np.ptp(picture, axis=-1)
    row, column = np.unravel_index(colour.argmax(), colour.shape)
    assert row > 600 * 7 / 8 and column < 300 / 4


@pytest.mark.parametrize("value", [0.0, 3.0, -3.0])
def test_a_constant_map(tmp_path, grey, value):
    """Can be drawn; one that is 0 shows the image alone."""
    picture = drawn(tmp_path, grey, np.full((4, 4), value))
    assert bool(np.ptp(picture, axis=-1).max() <= 2) is (value == 0.0)


def test_contrast_is_stretched(tmp_path):
    """An image that uses a tenth of its range fills the picture's."""
    narrow = np.tile(np.linspace(0.4, 0.5, LEAST, dtype=np.float32), (LEAST, 1))
    picture = drawn(tmp_path, narrow, np.zeros((2, 2)))
    assert picture.min() < 5 and picture.max() > 250


def step(layer, value):
    return Step(layer, value, value, value, 0, 2)


@pytest.mark.parametrize("count", [2, 30])
def test_a_check(tmp_path, grey, count):
    """At most eight steps in colour, a row a class, the curves below; the trained maps come first."""
    steps = tuple(step(str(number), 1 / (number + 1)) for number in range(count))
    maps = [np.full((2, 4, 4), -1.0 if number else 1.0, np.float32) for number in range(count)]
    save_cascade(
        Cascade(steps, step("image", 0.1), tuple(maps)), grey, tmp_path / "s.png", names=("lung", "heart")
    )
    with Image.open(tmp_path / "s.png") as file:
        assert file.size == (170 * min(count, 8), 640)
        picture = np.asarray(file.convert("RGB"), float)
    red, _, blue = np.moveaxis(picture[100:140], -1, 0)
    first, last = slice(0, 170), slice(-150, -20)
    assert (red - blue)[:, first].mean() > 20 and (blue - red)[:, last].mean() > 20
