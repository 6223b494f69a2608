"""HD95 against SciPy's distance transform, and what an empty mask counts."""

import numpy as np
import pytest
import torch

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import DEFINED, DIAGONAL, EMPTY, FULL, PAIR, SPACINGS, batch, both_ways


def hd95(prediction, truth, spacing=None):
    metric = metrics.create("hd95")
    metric(batch(prediction), batch(truth), spacing=spacing)
    return metric.aggregate().item()


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("case", DEFINED)
def test_is_scipys(case, spacing):
    """The larger of NumPy's two 95th percentiles of SciPy's distances."""
    expected = max(np.percentile(distances, 95) for distances in both_ways(*DEFINED[case], spacing))
    assert hd95(*DEFINED[case], spacing) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_two_pixels_by_hand():
    """36 rows and 50 columns apart: the root of 36 x 36 + 50 x 50; in mm each side by its own spacing."""
    assert hd95(*DEFINED["two single pixels"]) == pytest.approx(np.sqrt(36**2 + 50**2))
    assert hd95(*DEFINED["two single pixels"], (0.5, 2.0)) == pytest.approx(np.sqrt(18**2 + 100**2))


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"),
    [(EMPTY, PAIR, DIAGONAL), (PAIR, EMPTY, DIAGONAL), (FULL, EMPTY, DIAGONAL), (EMPTY, EMPTY, 0.0)],
)
def test_an_empty_mask_counts_the_diagonal(prediction, truth, expected):
    """From corner to corner; two empty masks are equal."""
    assert hd95(prediction, truth) == pytest.approx(expected)


def test_the_diagonal_is_in_mm_where_the_spacing_is_known():
    """40 rows of 0.5 mm and 56 columns of 2 mm: the root of 20 x 20 + 112 x 112."""
    assert hd95(EMPTY, PAIR, (0.5, 2.0)) == pytest.approx(np.hypot(20, 112))


def test_a_failed_image_stays_in_the_mean():
    """A perfect image and a missed one: half the diagonal. MONAI itself says 0."""
    metric = metrics.create("hd95")
    metric(torch.cat([batch(PAIR), batch(EMPTY)]), torch.cat([batch(PAIR), batch(PAIR)]))
    assert metric.aggregate().item() == pytest.approx(DIAGONAL / 2)


def test_each_image_has_its_spacing():
    """One pair an image: the second image is ten times as large."""
    metric = metrics.create("hd95")
    prediction, truth = (batch(mask) for mask in DEFINED["shifted"])
    found = metric(torch.cat([prediction] * 2), torch.cat([truth] * 2), spacing=[(1.0, 1.0), (10.0, 10.0)])
    assert found[1, 0].item() == pytest.approx(10 * found[0, 0].item())


@pytest.mark.parametrize(
    ("prediction", "truth", "said"),
    [
        (torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 5), "two"),
        (torch.zeros(1, 4, 4), torch.zeros(1, 4, 4), "two"),
        (torch.full((1, 1, 4, 4), torch.nan), torch.zeros(1, 1, 4, 4), "not finite"),
    ],
)
def test_refuses_what_is_no_pair_of_masks(prediction, truth, said):
    """Another size, a missing dimension, not-a-number."""
    with pytest.raises(ValueError, match=said):
        metrics.create("hd95")(prediction, truth)
