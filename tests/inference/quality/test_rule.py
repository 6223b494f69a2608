"""A rule whose numbers are known: its score, its flag and its reasons."""

import pytest

from cxrtk.classes import HEART, WITH_HEART
from cxrtk.inference.quality.rule import FlagRule

KNOWN = {
    "agreement": {"mean": 0.9, "scale": 0.1, "weight": 2.0, "low": 0.85, "high": 1.0},
    "entropy": {"mean": 0.3, "scale": 0.1, "weight": -1.0, "low": 0.0, "high": 0.6},
}


def rule() -> FlagRule:
    return FlagRule(KNOWN, bias=1.0, ok_from=0.5, failed_below=0.1)


@pytest.mark.parametrize(
    ("agreement", "entropy", "score", "flag"),
    [(0.9, 0.3, 0.7310586, "ok"), (0.8, 0.3, 0.2689414, "review"), (0.7, 0.5, 0.0066929, "failed")],
)
def test_the_score_is_the_logistic_function(agreement, entropy, score, flag):
    """1 / (1 + exp(-(1 + 2 (a - 0.9) / 0.1 - (e - 0.3) / 0.1))), by hand."""
    found = rule()({"agreement": agreement, "entropy": entropy, "area": 0.3})
    assert found["score"] == pytest.approx(score, abs=1e-4) and found["flag"] == flag
    assert bool(found["reasons"]) == (flag != "ok")


def test_reasons_are_words_with_numbers():
    """Each sign that is unusual, and no other."""
    found = rule()({"agreement": 0.7, "entropy": 0.3, "area": 0.3})
    assert found["reasons"] == ["the mirrored image gives another mask (Dice 0.70)"]


def test_no_lungs_are_a_failure():
    """Whatever the score."""
    found = rule()({"agreement": 1.0, "entropy": 0.0, "area": 0.0})
    assert (found["flag"], found["reasons"][0]) == ("failed", "no lungs were found")


@pytest.mark.parametrize(
    ("structure", "missing", "said"),
    [(HEART, "heart_share", "no heart was found"), (WITH_HEART, "area", "no lungs were found")],
)
def test_a_structure_that_was_not_found(structure, missing, said):
    """Each has a sign that tells; the lungs may be there."""
    signs = {"agreement": 1.0, "entropy": 0.0, "area": 0.3, "heart_share": 0.2}
    of = FlagRule(KNOWN, bias=1.0, ok_from=0.5, failed_below=0.1, structure=structure)
    assert of(signs)["flag"] == "ok"
    found = of({**signs, missing: 0.0})
    assert (found["flag"], found["reasons"][0]) == ("failed", said)
