"""ROC curves of images, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from cxrtk.report.figures import roc_findings


def images(seed):
    """Scores with many ties."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(80) < 0.3).astype(int)
    return np.round(rng.random(80) + 0.4 * labels, 1), labels


@pytest.mark.parametrize("seed", range(3))
def test_the_points_are_scikit_learns(seed):
    """At every score, ties taken together."""
    scores, labels = images(seed)
    false, true, _ = roc_curve(labels, scores, drop_intermediate=False)
    found = roc_findings.curve(scores, labels)
    np.testing.assert_allclose(found.false_positive_rate, false, atol=1e-12)
    np.testing.assert_allclose(found.true_positive_rate, true, atol=1e-12)
    assert found.area == pytest.approx(roc_auc_score(labels, scores))


def test_there_is_no_curve_of_what_nobody_has():
    """As of hernias on a small set."""
    assert roc_findings.curve([0.1, 0.2], [0, 0]) is None


def test_the_caption_has_each_area():
    """To four digits; more findings than colours are told apart by dashes."""
    curves = {f"f{number}": roc_findings.curve(*images(number)) for number in range(14)}
    says = roc_findings.draw(curves).says
    assert all(f"f{number} {one.area:.4f}" in says for number, one in enumerate(curves.values()))
