"""The best epoch of a run by its key metric, and ``best.pt``, which holds its weights."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.errors import CheckpointError, ConfigError
from cxrtk.process import group
from cxrtk.training import checkpoints
from cxrtk.training.checkpoints import BEST
from cxrtk.training.guard import require_finite_metric
from cxrtk.training.processes import is_first

logger = logging.getLogger(__name__)


@dataclass
class Best:
    """Ranking of the validations of a run.

    Args:
        run_dir: Folder of the run.
        validator: MONAI evaluator, whose key metric ranks the epochs; ``None`` for no ranking.
        stop_at_nonfinite: Whether a non-finite metric ends the training; otherwise it never counts as best.
        metric: Best metric so far; ``None`` before the first validation.
        epoch: Epoch of that metric, from 1.

    Raises:
        ConfigError: The validator has no key metric.
    """

    run_dir: Path
    validator: Any = None
    stop_at_nonfinite: bool = True
    metric: float | None = None
    epoch: int = 0

    def __post_init__(self) -> None:
        """Validate the validator."""
        if self.validator is not None and self.key_metric() is None:
            raise ConfigError("The validator has no key_val_metric, by which best.pt is selected; add one.")

    def key_metric(self) -> str | None:
        """Return the name of the metric that ranks."""
        name: str | None = None if self.validator is None else self.validator.state.key_metric_name
        return name

    def progress(self) -> dict[str, Any]:
        """Return what checkpoints and the run's record say about the best epoch."""
        return {"best_metric": self.metric, "best_epoch": self.epoch}

    def rank(self, epoch: int, weights: Callable[[int], Mapping[str, Any]]) -> None:
        """Write ``best.pt`` if the validation of `epoch` is the best so far; a non-finite metric never is.

        Args:
            epoch: Epoch that was validated.
            weights: Returns the content of the file.

        Raises:
            NonFiniteError: The metric is not finite, and the training is to end then.
        """
        state = self.validator.state
        value = float(state.metrics[state.key_metric_name])
        if not math.isfinite(value):
            if self.stop_at_nonfinite:
                require_finite_metric(state.key_metric_name, value, epoch)
            self._tell_validator()  # MONAI would rank the first value as best
            return
        if self.metric is None or self.validator.metric_cmp_fn(value, self.metric):
            self.metric, self.epoch = value, epoch
            if is_first():
                checkpoints.save(weights(epoch), self.run_dir / BEST)

    def restore(self, progress: Mapping[str, Any]) -> None:
        """Take over the best epoch from the progress that a checkpoint states."""
        self.metric, self.epoch = progress["best_metric"], int(progress["best_epoch"])

    def mend(self) -> None:
        """Repair a damaged ``best.pt``, or start the ranking anew; either with a warning."""
        self.metric, self.epoch = group.by_first("best checkpoint", self._intact)
        self._tell_validator()

    def _intact(self) -> tuple[float | None, int]:
        """Return metric and epoch for which there is an intact ``best.pt`` now."""
        if self.metric is None:
            return None, self.epoch
        path = self.run_dir / BEST
        try:
            checkpoints.load(path)
        except CheckpointError as error:
            copy = self.run_dir / f"checkpoint_epoch={self.epoch}.pt"
            try:
                whole = checkpoints.load(copy)
            except CheckpointError:
                logger.warning("%s The next validation begins the ranking again.", error)
                return None, 0
            logger.warning("%s Written again from %s.", error, copy.name)
            averaged = whole.get("averaged")
            model = whole["model"] if averaged is None else _weights_of(averaged)
            checkpoints.save({"model": model, "progress": whole["progress"]}, path)
        return self.metric, self.epoch

    def _tell_validator(self) -> None:
        if self.validator is not None:
            known = self.metric is not None
            self.validator.state.best_metric = self.metric if known else -1
            self.validator.state.best_metric_epoch = self.epoch if known else -1


def _weights_of(averaged: Mapping[str, Any]) -> dict[str, Any]:
    """Extract the network's weights from the state of an `AveragedModel`."""
    inside = "module."
    return {key.removeprefix(inside): value for key, value in averaged.items() if key.startswith(inside)}
