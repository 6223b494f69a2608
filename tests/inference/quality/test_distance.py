"""Distances of a vector from a population, by hand and by scikit-learn."""

import json

import numpy as np
import pytest

from cxrtk.inference.quality.distance import Distance


def test_distances_of_a_known_population():
    """Independent, of standard deviations 1, 2 and 3: a point two deviations out on each axis is at 2."""
    rng = np.random.default_rng(0)
    population = rng.standard_normal((20000, 3)) * [1, 2, 3] + [5, 6, 7]
    distance = Distance(**Distance.fit(population, axes=3))
    assert distance([5, 6, 7]) == pytest.approx(0, abs=0.05)
    assert distance([7, 10, 13]) == pytest.approx(2, rel=0.03)
    assert distance([5, 6, 7 + 3 * np.sqrt(3)]) == pytest.approx(1, rel=0.03)


def test_correlations_count():
    """Scikit-learn's covariance gives the same order: across the long axis is further than along it."""
    from sklearn.covariance import EmpiricalCovariance

    rng = np.random.default_rng(1)
    population = rng.standard_normal((5000, 2)) @ np.array([[2.0, 1.8], [0.0, 0.5]])
    distance = Distance(**Distance.fit(population, axes=2))
    sklearn = EmpiricalCovariance().fit(population)
    points = rng.standard_normal((50, 2)) * 3
    theirs = np.sqrt(sklearn.mahalanobis(points) / 2)
    assert [distance(point) for point in points] == pytest.approx(theirs.tolist(), rel=1e-3)


def test_what_the_axes_leave_over_counts():
    """One axis of three: a point off it is far, though along it it is usual."""
    rng = np.random.default_rng(2)
    along = rng.standard_normal((1000, 1)) @ np.ones((1, 3)) + 0.01 * rng.standard_normal((1000, 3))
    distance = Distance(**Distance.fit(along, axes=1))
    assert distance([1.0, -1.0, 0.0]) > 20 * distance([1.0, 1.0, 1.0])


def test_the_description_is_json():
    """It travels in the model file; reading it back changes nothing."""
    vectors = np.random.default_rng(3).standard_normal((50, 8))
    described = json.loads(json.dumps(Distance.fit(vectors, axes=4)))
    assert Distance(**described)(vectors[0]) > 0
