"""Outlines in polar coordinates, against every closed one there is."""

import itertools
import math

import numpy as np
import pytest

from cxrtk import regions


def test_votes_inside_count_by_area():
    """Of two cells the inner has weight 1/4, the outer 3/4."""
    assert regions.inside_sums(np.array([[1.0, -1.0]])).tolist() == [[0, 0.25, -0.5]]


def test_the_rise_is_highest_at_the_edge():
    """Between the dark and the bright cells it is 1, elsewhere 0."""
    found = regions.outward_rise(np.array([[0.0, 0.0, 1.0, 1.0]]), reach=1)
    assert found.tolist() == [[0, 0, 1, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_the_best_outline_is_the_best_of_all_closed_ones(seed):
    """Every closed outline over six rays and four radii is tried, where one of them stands out."""
    rng = np.random.default_rng(seed)
    score = rng.random((6, 4))
    score[np.arange(6), [1, 2, 2, 3, 2, 1]] += 2
    closed = [
        path
        for path in itertools.product(range(4), repeat=6)
        if all(abs(path[ray] - path[ray - 1]) <= 1 for ray in range(6))
    ]
    earned = [score[np.arange(6), path].sum() for path in closed]
    outline, total = regions.best_outlines(score[None], step=1)
    assert tuple(outline[0]) == closed[int(np.argmax(earned))]
    assert total[0] == pytest.approx(max(earned))


def test_an_outline_cannot_jump():
    """A single ray's lure five radii out is passed by, as one step is allowed."""
    score = np.zeros((1, 12, 8))
    score[0, :, 2] = 1
    score[0, 6, 7] = 5
    assert regions.best_outlines(score, step=1)[0].tolist() == [[2] * 12]


def test_a_circle_on_the_grid_is_an_ellipse_in_the_image():
    """Half of the way on each ray: an area of pi times 65 times 32.5 pixels."""
    grid = regions.PolarGrid()
    area = grid.fill(np.full(128, 36.0), 128, 120, shape=(256, 256)).sum()
    assert area == pytest.approx(math.pi * 65 * 32.5, rel=0.01)
    assert grid.cell_lengths()[[0, 32]] == pytest.approx([65 / 72, 130 / 72])
