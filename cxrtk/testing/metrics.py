"""Contract of metrics."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch

from cxrtk.registry import Registry, metrics
from cxrtk.testing.contract import Contract

SIDE = 32


def square(low: int, high: int) -> torch.Tensor:
    """A (1, 1, 32, 32) tensor of zeros, with ones in rows and columns `low` to `high` - 1."""
    mask = torch.zeros(1, 1, SIDE, SIDE)
    mask[..., low:high, low:high] = 1
    return mask


TRUTH = square(8, 24)
EMPTY = torch.zeros_like(TRUTH)
# name -> (prediction, truth)
CASES = {
    "perfect": (TRUTH, TRUTH),
    "half": (square(8, 16), TRUTH),
    "shifted": (square(4, 20), TRUTH),
    "nothing found": (EMPTY, TRUTH),
    "nothing there": (TRUTH, EMPTY),
    "both empty": (EMPTY, EMPTY),
    "everything": (torch.ones_like(TRUTH), TRUTH),
}


class MetricContract(Contract):
    """Metrics extend MONAI's `CumulativeIterationMetric`; inputs are (B, C, H, W) tensors of zeros and ones.

    Attributes:
        best: Value of a perfect prediction.
        higher_is_better: Whether every other prediction has a lower value, rather than a higher one.
        blind_to: Names of `CASES` that get the value of a perfect prediction, such as a false positive region
            for a metric that measures missed pixels only.
    """

    registry: ClassVar[Registry[Any]] = metrics
    best: ClassVar[float] = 1.0
    higher_is_better: ClassVar[bool] = True
    blind_to: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture
    def metric(self, kwargs: dict[str, Any]) -> Any:
        """The plugin under test."""
        return self.registry.create(self.plugin, **kwargs)

    def mean(self, metric: Any, *cases: str) -> float:
        """Mean of the metric over the named `CASES`, added one by one."""
        metric.reset()
        for case in cases:
            prediction, truth = CASES[case]
            metric(y_pred=prediction.clone(), y=truth.clone())
        value = metric.aggregate()
        assert isinstance(value, torch.Tensor), f"aggregate() gave {type(value).__name__}, not a tensor"
        assert value.numel() == 1, f"aggregate() gave {value.numel()} numbers, not one"
        return float(value)

    def test_perfect_is_best(self, metric: Any) -> None:
        """A prediction equal to the ground truth gets the value `best`."""
        assert self.mean(metric, "perfect") == pytest.approx(self.best)

    @pytest.mark.parametrize("case", ["half", "shifted", "nothing found", "nothing there", "everything"])
    def test_a_worse_prediction_counts_worse(self, metric: Any, case: str) -> None:
        """A prediction that differs from the truth gets a value below `best` (above if lower is better).

        Cases to which the metric is insensitive get exactly `best`.
        """
        value = self.mean(metric, case)
        if case in self.blind_to:
            assert value == pytest.approx(self.best), f"{case!r} is not one of those it is blind to"
            return
        assert value < self.best if self.higher_is_better else value > self.best

    @pytest.mark.parametrize("case", CASES)
    def test_every_case_counts(self, metric: Any, case: str) -> None:
        """No case is excluded from the mean, in particular no failed one: the mean of two is finite."""
        value = self.mean(metric, case)
        assert torch.tensor(value).isfinite()
        assert self.mean(metric, "half", case) == pytest.approx((self.mean(metric, "half") + value) / 2)

    def test_a_batch_is_its_images(self, metric: Any) -> None:
        """All cases in one batch give the same values as one by one, one value per image."""
        expected = self.mean(metric, *CASES)
        metric.reset()
        predictions, truths = (torch.cat(masks) for masks in zip(*CASES.values(), strict=True))
        metric(y_pred=predictions, y=truths)
        assert float(torch.as_tensor(metric.aggregate())) == pytest.approx(expected)
        buffer = metric.get_buffer()
        assert buffer.shape == (len(CASES), 1), "the buffer must hold a number for each image and channel"

    def test_reset_forgets(self, metric: Any) -> None:
        """After `reset`, earlier cases have no effect."""
        self.mean(metric, "nothing found", "half")
        assert self.mean(metric, "perfect") == pytest.approx(self.best)

    def test_takes_several_channels(self, metric: Any) -> None:
        """The value of two channels is their mean."""
        metric.reset()
        metric(y_pred=torch.cat([TRUTH, CASES["half"][0]], dim=1), y=torch.cat([TRUTH, TRUTH], dim=1))
        both = float(torch.as_tensor(metric.aggregate()))
        assert both == pytest.approx((self.best + self.mean(metric, "half")) / 2)

    def test_leaves_its_inputs_alone(self, metric: Any) -> None:
        """Predictions and ground truth are not modified."""
        prediction, truth = square(4, 20), square(8, 24)
        metric(y_pred=prediction, y=truth)
        assert torch.equal(prediction, square(4, 20))
        assert torch.equal(truth, square(8, 24))

    def test_declares_its_direction(self, metric: Any) -> None:
        """A metric that declares which direction is better agrees with the suite; result tables use it."""
        assert getattr(metric, "higher_is_better", self.higher_is_better) == self.higher_is_better
