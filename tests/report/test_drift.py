"""Tests and effect sizes of two batches."""

import numpy as np
import pytest

from cxrtk.report.drift import share, shifts
from cxrtk.report.entries import Entry
from cxrtk.report.measured import measured

MEASURES = measured(in_mm=True)


def batch(ratios):
    """Images with these ratios."""
    return [Entry(f"{i}.png", "ok", measures={"cardiothoracic_ratio": r}) for i, r in enumerate(ratios)]


def shift(here, there):
    """The comparison of the ratio."""
    (found,) = shifts(MEASURES, batch(here), batch(there))
    return found


def test_batches_without_overlap():
    """D is 1 and delta its sign; of 5 and 5 values, two of the 252 orders are so extreme."""
    found = shift([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])
    assert (found.distance, found.delta) == (1, -1)
    assert found.p_value == pytest.approx(2 / 252)


def test_the_same_batch_twice():
    """Nothing differs."""
    found = shift([0.4, 0.5, 0.6, 0.5, 0.45], [0.4, 0.5, 0.6, 0.5, 0.45])
    assert (found.distance, found.delta, found.p_value) == (0, 0, 1)


def test_delta_by_counting_pairs():
    """The share of pairs in which this batch is higher, less the share in which it is lower."""
    rng = np.random.default_rng(1)
    here, there = rng.normal(0.3, 1, 40), rng.normal(0, 1, 30)
    pairs = np.sign(here[:, None] - there[None, :])
    assert shift(here, there).delta == pytest.approx(pairs.mean())


def test_d_by_counting():
    """The greatest distance of the two cumulative distributions."""
    rng = np.random.default_rng(2)
    here, there = rng.normal(0.3, 1, 40), rng.normal(0, 1, 30)
    steps = np.concatenate([here, there])
    apart = [abs((here <= step).mean() - (there <= step).mean()) for step in steps]
    assert shift(here, there).distance == pytest.approx(max(apart))


def test_the_detectable_d_is_where_p_crosses_a_twentieth():
    """A little below it p is above 0.05, and above it below."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        found = shift(rng.normal(0, 1, 300), rng.normal(0.11, 1, 300))
        if abs(found.distance - found.smallest) > 0.004:
            assert (found.p_value < 0.05) == (found.distance > found.smallest)


def test_too_few_values_are_not_tested():
    """Four have a median and no p."""
    found = shift([1, 2, 3, 4], [1, 2, 3, 4, 5])
    assert found.p_value is None and found.q_value is None


def test_withheld_values_are_left_out():
    """And a measure that a batch lacks altogether."""
    assert len(shift([0.5] * 5 + [None] * 3, [0.5] * 6).here) == 5
    assert shifts(MEASURES, batch([None] * 6), batch([0.5] * 6)) == []


def test_q_is_adjusted():
    """Of two measures with p and a large one, the lower q is twice its p (Benjamini and Hochberg 1995)."""
    here, there = batch(range(10)), batch(range(5, 15))
    for place, entry in enumerate([*here, *there]):
        entry.measures["right_to_left_lung_area"] = place % 10
    low, high = sorted(shifts(MEASURES, here, there), key=lambda each: each.p_value)
    assert low.q_value == pytest.approx(min(2 * low.p_value, high.p_value))


def test_a_share():
    """Fisher's lady: three of four against one of four has p = 34/70."""
    here = [Entry("a", "ok")] * 3 + [Entry("a", "failed")]
    there = [Entry("a", "ok")] + [Entry("a", "failed")] * 3
    found = share("ok", lambda entry: entry.status == "ok", here, there)
    assert (found.here, found.there, found.difference) == ((3, 4), (1, 4), 0.5)
    assert found.p_value == pytest.approx(34 / 70) and found.low < 0.5 < found.high
