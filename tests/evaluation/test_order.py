"""The order of a table's columns."""

from cxrtk import metrics
from cxrtk.evaluation.order import ORDER, in_order


def test_known_ones_first_whatever_their_order():
    """Those of other makers keep theirs, behind."""
    assert in_order(["zeta", "ece", "hd95", "alpha", "dice"]) == ["dice", "hd95", "ece", "zeta", "alpha"]
    assert in_order([]) == []


def test_every_metric_of_ours_has_a_place():
    """Each once, and none that is gone."""
    assert sorted(ORDER) == sorted(metrics.names())
