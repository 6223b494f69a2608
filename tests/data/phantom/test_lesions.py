"""The shapes of lesions, against solid geometry."""

import numpy as np
import pytest

from cxrtk.data.phantom.anatomy import draw_build, draw_pose
from cxrtk.data.phantom.chest import fill_chest, shape_chest
from cxrtk.data.phantom.displace import displace
from cxrtk.data.phantom.draw import place
from cxrtk.data.phantom.frame import Frame
from cxrtk.data.phantom.lesions import Ball, Cloud, Fluid, Gap

FRAME = Frame(401, 100.0, (0.0, 0.0), 0.0)  # a quarter of a mm a pixel, the middle pixel at (0, 0)
DEEP = np.full((401, 401), 1000, np.float32)


@pytest.fixture(scope="module")
def body():
    rng = np.random.default_rng(5)
    build, pose = draw_build(rng), draw_pose(rng)
    chest = shape_chest(build, pose)
    frame = place(pose, chest, 256)
    return chest, frame, fill_chest(chest, frame)


def test_the_chord_of_a_ball():
    """Through its middle 2 R, at 3/5 of the radius 8/5 R, and nothing beyond it."""
    taken = Ball("Nodule", (0.0, 0.0), 20.0).taken(None, FRAME, DEEP)
    row = 200 + np.round(np.array([0, 12, 19.75, 20.25]) / FRAME.pixel_mm).astype(int)
    assert taken[200, row[0]] == pytest.approx(40, abs=0.01)
    assert taken[200, row[1]] == pytest.approx(32, abs=0.2)
    assert taken[200, row[2]] > 0 and taken[200, row[3]] == 0
    assert np.array_equal(taken[200, row], taken[row, 200])


def test_the_volume_of_a_ball():
    """The thickness adds up to 4/3 pi R^3."""
    taken = Ball("Mass", (3.0, -5.0), 25.0).taken(None, FRAME, DEEP)
    assert taken.sum() * FRAME.pixel_mm**2 == pytest.approx(4 / 3 * np.pi * 25**3, rel=2e-3)


def test_a_ball_takes_no_more_than_there_is():
    """In a lung of 10 mm a ball of 40 mm takes nearly all of it."""
    taken = Ball("Mass", (0.0, 0.0), 20.0).taken(None, FRAME, np.full((401, 401), 10, np.float32))
    assert 9 < taken.max() < 10


def test_lobes_reach_no_further_than_they_say():
    """The outline stays within `reach`, and leaves the circle."""
    ball = Ball("Mass", (0.0, 0.0), 20.0, ((0.1, 0.3), (0.05, 1.0)))
    rows, columns = np.nonzero(ball.taken(None, FRAME, DEEP))
    far = np.hypot(rows - 200, columns - 200).max() * FRAME.pixel_mm
    assert ball.reach == pytest.approx(23.0)
    assert 20.5 < far <= 23.0


def test_a_cloud_of_one_patch_is_a_gaussian():
    """In deep lung: its thickness in the middle, exp(-1/2) of it one standard deviation off."""
    taken = Cloud(((0.0, 0.0, 8.0, 30.0),)).taken(None, FRAME, 100 * DEEP)
    off = 200 + round(8 / FRAME.pixel_mm)
    assert taken[200, 200] == pytest.approx(30, rel=1e-3)
    assert taken[200, off] == pytest.approx(30 * np.exp(-0.5), rel=0.02)


def test_an_airway_stays_open_in_a_cloud():
    """Along a bronchus less of the lung is filled, beside it as much as without."""
    patches = ((0.0, 0.0, 20.0, 60.0),)
    filled = Cloud(patches).taken(None, FRAME, DEEP)
    open_way = Cloud(patches, ((-15.0, 0.0, 15.0, 0.0),)).taken(None, FRAME, DEEP)
    assert np.all(open_way[200, 150:240] < filled[200, 150:240] - 1)
    assert np.array_equal(open_way[230], filled[230])


def test_what_a_cloud_leaves():
    """However many patches, some air is left in a lung of 50 mm, and none is made up."""
    taken = Cloud(20 * ((0.0, 0.0, 8.0, 30.0),)).taken(None, FRAME, DEEP / 20)
    assert 45 < taken.max() < 50


@pytest.mark.parametrize("side", [-1, 1])
def test_fluid_lies_below_and_on_its_side(body, side):
    """Nothing above its top or on the other side; at the bottom the lung is gone; it climbs the wall."""
    chest, frame, layers = body
    x, y = frame.grid
    top = 0.4 * chest.height
    taken = Fluid(side, top=top, growth=45.0).taken(chest, frame, layers.lung_mm)
    assert not taken[(y < top) | (side * x < 0)].any()
    lung = layers.left_lung if side > 0 else layers.right_lung
    bottom = lung & (y > top + 95)
    assert bottom.sum() > 50
    assert np.all(taken[bottom] > 0.98 * layers.lung_mm[bottom])
    # Half-way: by the wall more of the lung has gone than beside the heart.
    level = lung & (np.abs(y - top - 45) < 4)
    outer = level & (np.abs(x) > 0.88 * chest.lateral(chest.height))
    inner = level & ~(np.abs(x) > 0.75 * chest.lateral(chest.height))
    share = taken / np.maximum(layers.lung_mm, 1)
    assert outer.sum() > 10 and inner.sum() > 10
    assert share[outer].mean() > 2 * share[inner].mean()


@pytest.mark.parametrize("side", [-1, 1])
def test_a_gap_holds_air_and_no_vessels(body, side):
    """Beyond the lung's new edge no lung is left, and air is all there is but the pleura's line."""
    chest, frame, layers = body
    x, _ = frame.grid
    gap = Gap(side, drop=0.15 * chest.height, width=25.0)
    full = layers.lung_mm
    vessels = 0.3 * full * (np.random.default_rng(1).random(full.shape) > 0.7).astype(np.float32)
    lung, air = displace([gap], chest, frame, full - vessels, full)
    mask = gap.seen(chest, frame, full - lung)
    away = mask & (gap.edge(chest, frame)[0] < -4)  # 4 mm from the edge the line has ended
    assert away.sum() > 500
    assert np.abs(lung[away]).max() < 1e-3
    assert air[away] == pytest.approx(full[away], abs=0.05)
    assert not mask[side * x < 0].any() and not air[side * x < 0].any()
    other = side * x < 0
    assert np.array_equal(lung[other], (full - vessels)[other])


@pytest.mark.parametrize("side", [-1, 1])
def test_a_gap_opens_at_the_apex(body, side):
    """The top of the lung lies in it, the lung beside the heart does not."""
    chest, frame, layers = body
    x, y = frame.grid
    gap = Gap(side, drop=0.15 * chest.height, width=25.0)
    mask = gap.seen(chest, frame, gap.taken(chest, frame, layers.lung_mm))
    lung = layers.left_lung if side > 0 else layers.right_lung
    apex, base = lung & (y < 0.08 * chest.height), lung & (y > 0.5 * chest.height)
    inner = base & (np.abs(x) < 0.6 * chest.half_width)
    assert mask[apex].mean() > 0.95
    assert inner.sum() > 50 and not mask[inner].any()


@pytest.mark.parametrize(
    "lesion", [Ball("Nodule", (60.0, 120.0), 9.0), Cloud(((60.0, 120.0, 8.0, 30.0),)), Fluid(1, 150.0, 40.0)]
)
def test_solid_lesions_free_no_air(body, lesion):
    """What a nodule, a cloud or fluid takes becomes tissue: less lung, no air."""
    chest, frame, layers = body
    lung, air = displace([lesion], chest, frame, layers.lung_mm, layers.lung_mm)
    assert not air.any()
    assert np.all(lung <= layers.lung_mm) and np.all(lung >= 0)
    assert (layers.lung_mm - lung).max() > 10
