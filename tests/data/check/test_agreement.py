"""Comparison of a mask with a place, both known."""

import numpy as np
import pytest

from cxrtk.data.check.agreement import AS_IT_IS, CHANGES, compare
from cxrtk.data.check.expected_features import SIDE


@pytest.fixture
def place() -> np.ndarray:
    """An L, which no turn or mirror maps to itself."""
    place = np.zeros((SIDE, SIDE), np.float32)
    place[12:50, 14:24] = place[40:50, 14:40] = 1
    return place


@pytest.mark.parametrize("change", CHANGES)
def test_what_undoes_a_change(place: np.ndarray, change: str) -> None:
    """The best change is the inverse of what was done, with a correlation of 1."""
    found = compare("lungs", np.ascontiguousarray(CHANGES[change](place)), place)
    assert np.array_equal(CHANGES[found.best()](CHANGES[change](place)), place)
    assert found.fits[found.best()] == pytest.approx(1, abs=1e-4)
    assert (found.best() == AS_IT_IS) == (change == AS_IT_IS)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (-4, 2), (0, -7)])
def test_an_offset(place: np.ndarray, down: int, right: int) -> None:
    """As fractions of the sides, with the correlation there."""
    found = compare("lungs", np.roll(place, (down, right), (0, 1)), place)
    assert np.multiply(found.offset, SIDE) == pytest.approx((down, right), abs=0.1)
    assert found.shifted_fit == pytest.approx(1, abs=0.03)  # what leaves the grid is lost
