"""The average precision in the caption is scikit-learn's."""

from sklearn.metrics import average_precision_score

from cxrtk.evaluation.curves import count_pixels
from cxrtk.report.figures import precision_recall
from tests.report.figures.cases import pixels


def test_the_average_precision_is_scikit_learns():
    """In the caption, to four digits."""
    probabilities, truth = pixels(2)
    drawn = precision_recall.draw(count_pixels(probabilities, truth))
    assert f"average precision {average_precision_score(truth, probabilities):.4f}" in drawn.says
