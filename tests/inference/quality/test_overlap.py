"""Agreement and uncertainty by hand."""

import numpy as np
import pytest

from cxrtk.inference.quality.overlap import dice, entropy_bits


def test_dice_by_hand():
    """Two of three pixels shared: 2 * 2 / (3 + 3); two empty masks agree."""
    one = np.array([1, 1, 1, 0], np.uint8)
    assert dice(one, np.array([0, 1, 1, 1], np.uint8)) == pytest.approx(2 / 3)
    assert dice(one * 0, one * 0) == 1 and dice(one, one * 0) == 0


def test_entropy_by_hand():
    """One bit at a half, 0.8113 at a quarter, nothing at 0 and 1."""
    bits = entropy_bits(np.array([0.5, 0.25, 0.75, 0.0, 1.0]))
    assert bits == pytest.approx([1, 0.811278, 0.811278, 0, 0], abs=1e-4)
