"""Features of a picture; what the stages make of them is in test_expected.py."""

import numpy as np

from cxrtk.data.check.expected_features import SIDE, features


def test_only_the_order_of_grey_levels_matters() -> None:
    """Every feature but the grey level itself is the same after a monotonic change."""
    picture = np.random.default_rng(0).random((SIDE, SIDE))
    assert np.allclose(features(picture**3 * 0.5 + 0.2)[1:], features(picture)[1:], atol=0.05)
    assert not np.allclose(features(1 - picture)[1:], features(picture)[1:], atol=0.05)
