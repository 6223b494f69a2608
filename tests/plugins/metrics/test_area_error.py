"""Area error against counts by NumPy."""

import pytest

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import DEFINED, EMPTY, FULL, PAIR, SPACINGS, batch


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize(
    ("prediction", "truth"),
    [*DEFINED.values(), (EMPTY, PAIR), (PAIR, EMPTY), (EMPTY, EMPTY), (FULL, EMPTY)],
)
def test_is_the_difference_of_the_counts(prediction, truth, spacing):
    """Pixels more or less, times the area of one."""
    metric = metrics.create("area_error")
    metric(batch(prediction), batch(truth), spacing=spacing)
    expected = abs(int(prediction.sum()) - int(truth.sum())) * spacing[0] * spacing[1]
    assert metric.aggregate().item() == pytest.approx(expected, rel=1e-6)
