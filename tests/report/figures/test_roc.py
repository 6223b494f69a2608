"""The ROC curve of a report, against scikit-learn on the same pixels."""

import numpy as np
import pytest
from sklearn.metrics import recall_score, roc_auc_score

from cxrtk.errors import DataError
from cxrtk.evaluation.curves import count_pixels, roc
from cxrtk.report.figures import roc as figure


@pytest.fixture(scope="module")
def pixels():
    """Probabilities in thousandths, and a truth that they tell something of."""
    rng = np.random.default_rng(0)
    truth = (rng.random(5000) < 0.4).astype(np.uint8)
    given = np.clip(rng.normal(0.35 + 0.3 * truth, 0.2), 0, 1)
    return np.round(given, 3).astype(np.float32), truth


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 0.873, 1.0])
def test_the_operating_point_is_that_of_masks_cut_there(pixels, threshold):
    """Sensitivity and specificity of the mask, by scikit-learn."""
    probabilities, truth = pixels
    point = figure.operating_point(roc(count_pixels(probabilities, truth)), threshold)
    mask = probabilities >= np.float32(threshold)
    assert point.true_positive_rate == pytest.approx(recall_score(truth, mask))
    assert 1 - point.false_positive_rate == pytest.approx(recall_score(1 - truth, ~mask))


def test_the_caption_has_the_area(pixels):
    """Of scikit-learn, to four digits."""
    drawn = figure.draw(count_pixels(*pixels), 0.5)
    assert f"area {roc_auc_score(pixels[1], pixels[0]):.4f}" in drawn.says


def test_both_files_are_pictures_that_load_nothing(pixels):
    """SVG without references to elsewhere, and PNG."""
    drawn = figure.draw(count_pixels(*pixels), 0.5)
    assert drawn.png.startswith(b"\x89PNG")
    svg = drawn.svg.decode()
    assert svg.rstrip().endswith("</svg>") and "<image" not in svg and 'href="http' not in svg


def test_the_same_counts_give_the_same_bytes(pixels):
    """No date, no names drawn by lot."""
    counts = count_pixels(*pixels)
    assert figure.draw(counts, 0.5) == figure.draw(counts, 0.5)


def test_no_curve_without_both_kinds_of_pixels():
    """As of an empty truth."""
    with pytest.raises(DataError, match="ROC curve is undefined"):
        figure.draw(count_pixels(np.zeros(9, np.float32), np.zeros(9, np.uint8)), 0.5)
