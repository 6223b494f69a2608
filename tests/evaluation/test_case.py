"""One image measured: its row, its areas, its counts."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from cxrtk import metrics, readers
from cxrtk.api import Label, Radiograph
from cxrtk.errors import CxrReadError
from cxrtk.evaluation.case import Found, fitting, score
from cxrtk.evaluation.curves import count_pixels
from cxrtk.evaluation.meter import Meter

SIZE = (16, 24)
LUNGS = np.zeros(SIZE, np.uint8)
LUNGS[4:12, 3:20] = 1
IMAGE = Radiograph(np.full(SIZE, 0.5, np.float32), (0.5, 2.0), "detector")
LEFT = LUNGS.copy()
LEFT[:, 12:] = 0
LEFT_HALF = Found(LEFT, LEFT * np.float32(0.75))


def label(mask=LUNGS, ignore=None):
    return Label(mask[None], ("lungs",), "human", "excluded", ignore)


def meter(*names):
    return Meter({name: metrics.create(name) for name in names}, probabilities=True)


def test_the_row_of_an_image():
    """Dice by scikit-learn; 8 columns of 2 mm of 17 are missing; what is known of the image, as given."""
    about = {"patient": "p1", "part": "test", "mask": "masks/a.png", "columns": {"age": "3"}}
    case, counts = score("a.png", IMAGE, label(), LEFT_HALF, meter("dice", "hd95"), **about)
    assert case.values["dice"] == pytest.approx(f1_score(LUNGS.ravel(), LEFT.ravel()))
    assert (case.image, case.patient, case.part, case.mask) == ("a.png", "p1", "test", "masks/a.png")
    assert (case.failure, case.columns) == ("", {"age": "3"})
    assert (case.prediction_pixels, case.truth_pixels) == (8 * 9, 8 * 17)
    assert (case.shape, case.spacing_mm, case.spacing_source) == (SIZE, (0.5, 2.0), "detector")
    assert np.array_equal(counts, count_pixels(LEFT_HALF.probabilities, LUNGS))


def test_an_empty_truth_is_a_failure():
    """Dice 0, and the distance is the image's diagonal in mm."""
    case, _ = score("a", IMAGE, label(0 * LUNGS), LEFT_HALF, meter("dice", "hd95"), patient="p1")
    assert case.failure == "empty truth"
    assert case.values == {"dice": 0.0, "hd95": pytest.approx(np.hypot(16 * 0.5, 24 * 2.0))}


def test_ignored_pixels_are_in_no_number():
    """Areas, metrics and the counts of curves are those of the image without its ignored columns."""
    ignore = np.zeros(SIZE, np.uint8)
    ignore[:, 10:15] = 1  # of the truth five columns, of the prediction two
    case, counts = score("a", IMAGE, label(ignore=ignore), LEFT_HALF, meter("dice", "roc_auc"), patient="p1")
    assert (case.prediction_pixels, case.truth_pixels) == (8 * 7, 8 * 12)
    kept = np.r_[0:10, 15:24]
    lungs, mask, values = (each[:, kept] for each in (LUNGS, LEFT, LEFT_HALF.probabilities))
    assert case.values["dice"] == pytest.approx(f1_score(lungs.ravel(), mask.ravel()))
    assert case.values["roc_auc"] == pytest.approx(roc_auc_score(lungs.ravel(), values.ravel()))
    assert np.array_equal(counts, count_pixels(values, lungs))


def test_a_prediction_among_ignored_pixels_alone_is_empty():
    """It is a failure, as an empty one is."""
    case, _ = score("a", IMAGE, label(ignore=LEFT), LEFT_HALF, meter("dice"), patient="p1")
    assert (case.failure, case.values["dice"]) == ("empty prediction", 0.0)


def test_a_missing_prediction_says_why():
    """In the row; without probabilities there are no counts."""
    found = Found(0 * LUNGS, missing="no files with its name")
    case, counts = score("a", IMAGE, label(), found, Meter({}, probabilities=False), patient="p1")
    assert case.failure == "no prediction: no files with its name" and counts is None


@pytest.mark.parametrize(
    ("given", "said"),
    [(label(LUNGS[:10]), "24 x 10 pixels"), (Label(LUNGS[None], ("left_lung",), "human"), "holds no lungs")],
)
def test_a_label_that_does_not_fit(given, said):
    """Another size than the image's, or one lung alone: one line with the file."""
    with pytest.raises(CxrReadError, match=said) as caught:
        fitting(given, IMAGE, "/d/a.png")
    assert "/d/a.png" in str(caught.value)


def test_the_truth_measured_against_itself_is_perfect(cxrtk_data):
    """On JSRT's masks: Dice 1, distance 0."""
    reader = readers.create("image_mask_folder", root=str(cxrtk_data / "jsrt"))
    how = Meter({name: metrics.create(name) for name in ("dice", "hd95", "nsd")}, probabilities=False)
    for item in reader.items()[:2]:
        image, truth = reader.read(item["image"]), reader.read_label(item)
        case, _ = score("a", image, fitting(truth, image, "a"), Found(truth.lungs()), how, patient="p1")
        assert case.values == {"dice": 1.0, "hd95": 0.0, "nsd": 1.0} and case.heart == "excluded"
