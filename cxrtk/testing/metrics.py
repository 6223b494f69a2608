"""What every metric must do."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch

from cxrtk.registry import Registry, metrics
from cxrtk.testing.contract import Contract

SIDE = 32


def square(low: int, high: int) -> torch.Tensor:
    """(1, 1, 32, 32) of zeros, with ones in rows and columns `low` to `high` - 1."""
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
    """MONAI's `CumulativeIterationMetric`: (B, C, H, W) predictions and truths of zeros and ones -> a mean.

    Attributes:
        best: What a perfect prediction counts.
        higher_is_better: Whether every other prediction counts less than that, or more.
        blind_to: Names of `CASES` that count as much as a perfect one, as an invented region does for a
            metric that looks for missed ones only.
    """

    registry: ClassVar[Registry[Any]] = metrics
    best: ClassVar[float] = 1.0
    higher_is_better: ClassVar[bool] = True
    blind_to: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture
    def metric(self, kwargs: dict[str, Any]) -> Any:
        """The plugin, built."""
        return self.registry.create(self.plugin, **kwargs)

    def mean(self, metric: Any, *cases: str) -> float:
        """The metric's value over the named `CASES`, given one by one."""
        metric.reset()
        for case in cases:
            prediction, truth = CASES[case]
            metric(y_pred=prediction.clone(), y=truth.clone())
        value = metric.aggregate()
        assert isinstance(value, torch.Tensor), f"aggregate() gave {type(value).__name__}, not a tensor"
        assert value.numel() == 1, f"aggregate() gave {value.numel()} numbers, not one"
        return float(value)

    def test_perfect_is_best(self, metric: Any) -> None:
        """A prediction that equals the truth counts `best`."""
        assert self.mean(metric, "perfect") == pytest.approx(self.best)

    @pytest.mark.parametrize("case", ["half", "shifted", "nothing found", "nothing there", "everything"])
    def test_a_worse_prediction_counts_worse(self, metric: Any, case: str) -> None:
        """Whatever differs from the truth counts less than `best` (more, where lower is better).

        What the metric is blind to counts just `best`.
        """
        value = self.mean(metric, case)
        if case in self.blind_to:
            assert value == pytest.approx(self.best), f"{case!r} is not one of those it is blind to"
            return
        assert value < self.best if self.higher_is_better else value > self.best

    @pytest.mark.parametrize("case", CASES)
    def test_every_case_counts(self, metric: Any, case: str) -> None:
        """No case is dropped from the mean, least of all a failed one: two count their average, finite."""
        value = self.mean(metric, case)
        assert torch.tensor(value).isfinite()
        assert self.mean(metric, "half", case) == pytest.approx((self.mean(metric, "half") + value) / 2)

    def test_a_batch_is_its_images(self, metric: Any) -> None:
        """All cases in one batch give what they give one by one, and one number an image."""
        expected = self.mean(metric, *CASES)
        metric.reset()
        predictions, truths = (torch.cat(masks) for masks in zip(*CASES.values(), strict=True))
        metric(y_pred=predictions, y=truths)
        assert float(torch.as_tensor(metric.aggregate())) == pytest.approx(expected)
        buffer = metric.get_buffer()
        assert buffer.shape == (len(CASES), 1), "the buffer must hold a number for each image and channel"

    def test_reset_forgets(self, metric: Any) -> None:
        """After `reset`, earlier cases do not count."""
        self.mean(metric, "nothing found", "half")
        assert self.mean(metric, "perfect") == pytest.approx(self.best)

    def test_takes_several_channels(self, metric: Any) -> None:
        """Two channels count their average."""
        metric.reset()
        metric(y_pred=torch.cat([TRUTH, CASES["half"][0]], dim=1), y=torch.cat([TRUTH, TRUTH], dim=1))
        both = float(torch.as_tensor(metric.aggregate()))
        assert both == pytest.approx((self.best + self.mean(metric, "half")) / 2)

    def test_leaves_its_inputs_alone(self, metric: Any) -> None:
        """Predictions and truths are the same afterwards."""
        prediction, truth = square(4, 20), square(8, 24)
        metric(y_pred=prediction, y=truth)
        assert torch.equal(prediction, square(4, 20))
        assert torch.equal(truth, square(8, 24))

    def test_declares_its_direction(self, metric: Any) -> None:
        """A metric that says which direction is better says what the suite is told, for tables of results."""
        assert getattr(metric, "higher_is_better", self.higher_is_better) == self.higher_is_better
