"""Lungs grown from votes whose shape is known."""

import itertools

import numpy as np
import pytest
import torch

from cxrtk import regions
from tests.data.regions.shapes import TWO_LUNGS, dice, ellipse, plane


def test_seeds_lie_in_the_lungs():
    """The two highest are near the middles of the two lungs."""
    seeds = regions.lung_seeds(plane(np.where(TWO_LUNGS, 1.0, -1.0)), count=2)
    assert sorted(seed[1] for seed in seeds) == pytest.approx([75, 185], abs=5)
    assert [seed[0] for seed in seeds] == pytest.approx([125, 125], abs=8)


def test_seeds_keep_their_distance():
    """In one wide field of votes, no two peaks lie within the distance of each other."""
    seeds = regions.lung_seeds(torch.ones(1, 256, 256), count=6, distance=(40, 25))
    assert len(seeds) == 6
    for one, other in itertools.combinations(seeds, 2):
        assert abs(one[0] - other[0]) > 40 or abs(one[1] - other[1]) > 25


@pytest.mark.parametrize("shift", [-30, 0, 30])
def test_the_midline_lies_between_the_lungs(shift):
    """Wherever the lungs lie, it is the middle of the gap between them."""
    votes = np.roll(np.where(TWO_LUNGS, 1.0, -1.0), shift, axis=1)
    assert regions.midline(plane(votes)) == pytest.approx(130 + shift, abs=3)


def test_a_lung_does_not_cross_the_midline():
    """One field of votes with a faint gap of seven columns becomes two lungs, cut apart there."""
    votes = np.full((256, 256), -1.0)
    votes[60:190, 60:196] = 1
    votes[:, 125:132] = -0.2
    left, right = regions.grow_lungs(plane(votes), plane(-votes), regions.LungShape(margin=0.0))
    assert regions.midline(plane(votes)) == pytest.approx(128, abs=2)
    assert left[..., 90:120].any()
    assert right[..., 140:170].any()
    assert not left[..., 132:].any()
    assert not right[..., :125].any()


@pytest.mark.parametrize("ribs", [False, True])
def test_a_lung_is_grown_whole(ribs):
    """An ellipse of votes is found, also where ribs across it vote against."""
    lung = ellipse(120, 80, 80, 35)
    votes = np.where(lung, 1.0, -1.0)
    if ribs:
        votes[60:180:20] = votes[61:180:20] = votes[62:180:20] = -1
    exact = regions.LungShape(margin=0.0)
    found = regions.grow_lung(plane(votes), plane(-votes), [(120.0, 80.0)], exact)[0].numpy() > 0
    assert dice(found, lung) > 0.97
    assert found[60:63, 80].all()


def test_a_speck_is_no_lung():
    """A region smaller than the least gives an empty mask."""
    votes = np.where(ellipse(120, 80, 8, 8), 1.0, -1.0)
    assert not regions.grow_lung(plane(votes), plane(-votes), [(120.0, 80.0)], regions.LungShape()).any()


def test_no_seed_no_lung():
    """Nothing to start from gives an empty mask."""
    assert not regions.grow_lung(torch.ones(1, 64, 64), torch.zeros(1, 64, 64), [], regions.LungShape()).any()


def test_dents_are_closed_and_the_margin_is_in_pixels():
    """A dent three rays wide goes; two pixels are 2 / (65 / 72) cells on a horizontal ray."""
    outline = np.full(128, 30.0)
    outline[40:43] = 20
    found = regions.smooth_outline(outline, regions.LungShape(closing=9, margin=2.0))
    assert found[0] == pytest.approx(30 + 2 * 72 / 65)
    assert regions.smooth_outline(outline, regions.LungShape(margin=0.0)).tolist() == [30.0] * 128
