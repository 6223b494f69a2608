"""Rows of an evaluation, made by hand."""

import pytest

from cxrtk.evaluation.table import Case, Evaluation, MetricAbout

METRICS = {"dice": MetricAbout(), "hd95": MetricAbout(higher_is_better=False, unit="length")}


@pytest.fixture
def case():
    """A row; what matters to a test is said there."""

    def make(image="a.png", dice=0.9, hd95=3.0, patient=None, **more):
        settings = {
            "truth": "human", "heart": "excluded", "shape": (30, 40), "prediction_pixels": 100,
            "truth_pixels": 110, **more,
        }  # fmt: skip
        return Case(image=image, patient=patient or image, values={"dice": dice, "hd95": hd95}, **settings)

    return make


@pytest.fixture
def evaluation():
    """A table of rows."""

    def make(*cases, **more):
        return Evaluation(cases=cases, metrics=METRICS, **more)

    return make
