"""A table of one truth, of one convention, with every image once."""

import pytest

from cxrtk.errors import DataError
from cxrtk.evaluation.table import EMPTY_PREDICTION, EMPTY_TRUTH, MetricAbout, failure_of


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"truth": "generated"}, "truth is human .1., generated .1."),
        ({"heart": "included"}, "heart is excluded .1., included .1."),
        ({"image": "a.png"}, "twice"),
        ({"truth": "hearsay"}, "truth is"),
    ],
)
def test_unlike_rows_are_refused(case, evaluation, other, said):
    """Human and generated masks, two conventions on the heart, one image twice."""
    with pytest.raises(DataError, match=said):
        evaluation(case("a.png"), case(**{"image": "b.png", **other}))


def test_no_row_is_no_table(evaluation):
    """An evaluation of nothing."""
    with pytest.raises(DataError, match="No image"):
        evaluation()


def test_each_row_has_each_metric(case, evaluation):
    """A missing value would be a case left out."""
    with pytest.raises(DataError, match="metrics"):
        evaluation(case("a.png"), case("b.png").__class__(**{**vars(case("b.png")), "values": {"dice": 1.0}}))


def test_the_truth_is_told_in_words(case, evaluation):
    """Who drew the masks, and whether through the heart."""
    assert evaluation(case(truth="generated", heart="unknown")).truth == "generated masks, heart unknown"


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"),
    [(0, 5, EMPTY_PREDICTION), (5, 0, EMPTY_TRUTH), (0, 0, ""), (5, 5, "")],
)
def test_what_a_failure_is(prediction, truth, expected):
    """Nothing found, nothing there; nothing found where nothing is, is right."""
    assert failure_of(prediction, truth) == expected


@pytest.mark.parametrize(
    ("unit", "spacing", "expected"),
    [
        ("", (1.0, 1.0), ""),
        ("length", (1.0, 1.0), "mm"),
        ("length", None, "pixels"),
        ("area", (1.0, 1.0), "mm2"),
        ("area", None, "pixels"),
        ("tolerance", (1.0, 1.0), "tolerance in mm"),
        ("tolerance", None, "tolerance in pixels"),
    ],
)
def test_units(case, unit, spacing, expected):
    """Millimetres only where the image has a spacing."""
    assert MetricAbout(unit=unit).unit_of(case(spacing_mm=spacing)) == expected
