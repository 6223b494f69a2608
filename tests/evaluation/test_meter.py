"""Metrics on one image: spacing, pixels that count neither way, metrics of other makers."""

import numpy as np
import pytest
from monai.metrics import DiceMetric
from sklearn.metrics import f1_score, roc_auc_score

from cxrtk import metrics
from cxrtk.errors import PluginBroken
from cxrtk.evaluation.meter import Meter

RNG = np.random.default_rng(0)
TRUTH = (RNG.random((20, 30)) < 0.5).astype(np.uint8)
PREDICTION = (RNG.random((20, 30)) < 0.5).astype(np.uint8)
VALUES = RNG.random((20, 30)).astype(np.float32)


def meter(*names, probabilities=True):
    return Meter({name: metrics.create(name) for name in names}, probabilities=probabilities)


def test_ignored_pixels_count_neither_way():
    """Dice and ROC-AUC of the other pixels, by scikit-learn."""
    ignore = np.zeros((20, 30), np.uint8)
    ignore[:, 10:17] = 1
    found = meter("dice", "roc_auc")(PREDICTION, TRUTH, VALUES, ignore=ignore)
    kept = ignore == 0
    assert found["dice"] == pytest.approx(f1_score(TRUTH[kept], PREDICTION[kept]), abs=1e-6)
    assert found["roc_auc"] == pytest.approx(roc_auc_score(TRUTH[kept], VALUES[kept]), abs=1e-6)


def test_the_spacing_reaches_the_distances():
    """Twice as many mm a pixel, twice the distance, four times the area."""
    once, twice = (
        meter("assd", "area_error")(PREDICTION, TRUTH, VALUES, spacing=(mm, mm)) for mm in (1.0, 2.0)
    )
    assert twice["assd"] == pytest.approx(2 * once["assd"])
    assert twice["area_error"] == 4 * once["area_error"]


def test_without_probabilities_no_metric_of_them():
    """They are left out, not made up."""
    assert set(meter("dice", "ece", "roc_auc", probabilities=False).about) == {"dice"}


def test_images_do_not_mix():
    """The second image's value does not hang on the first's."""
    both = meter("dice")
    both(TRUTH, TRUTH, None)
    assert both(PREDICTION, TRUTH, None) == meter("dice")(PREDICTION, TRUTH, None)


def test_a_metric_without_a_number_is_broken():
    """MONAI's own Dice leaves an empty truth out."""
    with pytest.raises(PluginBroken, match="finite"):
        Meter({"monai": DiceMetric()}, probabilities=False)(PREDICTION, 0 * TRUTH, None)
