"""All handlers of an engine from one ``_target_``, attached in the required order."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from ignite.handlers import EarlyStopping
from monai.engines.evaluator import Evaluator
from monai.handlers.lr_schedule_handler import LrScheduleHandler
from monai.handlers.stats_handler import StatsHandler
from monai.handlers.validation_handler import ValidationHandler
from torch.optim.swa_utils import AveragedModel

from cxrtk.models.weights import load_weights
from cxrtk.training import checkpoints
from cxrtk.training.averaging import AverageWeights
from cxrtk.training.curves import CurveHandler
from cxrtk.training.guard import NonFiniteGuard
from cxrtk.training.keeper import Keeper
from cxrtk.training.progress import Progress
from cxrtk.training.seeding import SeedEachEpoch

logger = logging.getLogger(__name__)


class Stats(StatsHandler):
    """MONAI's `StatsHandler` without its logging of exceptions, which are reported once at the end."""

    def attach(self, engine: Engine) -> None:
        """Attach to `engine` without logging the traceback of an exception that is raised anyway."""
        engine.logger.addFilter(_is_no_error_on_its_way)
        super().attach(engine)

    def exception_raised(self, _engine: Engine, e: BaseException) -> None:
        """Raise the error again, without a traceback in the log."""
        raise e


class TrainHandlers:
    """Handlers for monitoring, stopping and resuming a trainer.

    Order: seed of the epoch, NaN guard, progress, log, curves, learning rate, validation, early stopping, and
    finally the checkpoint. If the folder of the run holds checkpoints, it resumes from the newest.

    Args:
        run_dir: Folder of the run.
        network: Network, saved as ``model``.
        optimizer: Optimizer; its state is saved too.
        validator: MONAI evaluator run every `interval` epochs; its key metric selects ``best.pt``.
        interval: Number of epochs between validations.
        lr_scheduler: A scheduler of torch or MONAI; ``None`` for a constant learning rate.
        lr_epoch_level: Whether the scheduler is stepped after each epoch instead of each iteration.
        early_stop_patience: Number of validations without improvement after which to stop; 0 never stops.
        keep: Number of full checkpoints to keep, at least 2.
        seed: Seed of every epoch's random numbers.
        overlays: Number of images per epoch for TensorBoard.
        settings: Content of TensorBoard's ``config``; must match when a run is resumed.
        stop_at_nonfinite_metric: Whether a NaN key metric ends the training; otherwise it never counts as
            best.
        averaged: Moving average of the network's weights, from `average_of`, updated during training.
            Use it as the validator's network too: ``best.pt`` and ``last.pt`` hold the average.
        pretrained: Initial weights of a new run: ``shipped``, a model file, a run's folder or a checkpoint;
            empty for random ones. Ignored when a run is resumed.
    """

    def __init__(
        self,
        run_dir: str,
        network: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        validator: Evaluator | None = None,
        interval: int = 1,
        lr_scheduler: Any = None,
        lr_epoch_level: bool = False,
        early_stop_patience: int = 0,
        keep: int = 2,
        seed: int = 0,
        overlays: int = 4,
        settings: Mapping[str, Any] | None = None,
        stop_at_nonfinite_metric: bool = True,
        pretrained: str = "",
        averaged: AveragedModel | None = None,
    ) -> None:
        self.validator = validator
        self.early_stop_patience = early_stop_patience
        self.watching: list[Any] = [
            SeedEachEpoch(seed),
            NonFiniteGuard(network),
            Progress("train", loss=True),
            Stats(name=None, tag_name="loss", iteration_log=False),
            CurveHandler(str(Path(run_dir) / "train"), overlays, settings, optimizer),
        ]
        self.acting: list[Any] = [AverageWeights(network, averaged)] if averaged is not None else []
        if lr_scheduler is not None:
            self.acting.append(LrScheduleHandler(lr_scheduler, print_lr=False, epoch_level=lr_epoch_level))
        if validator is not None:
            self.acting.append(ValidationHandler(interval=interval, validator=validator))
        self.keeper = Keeper(
            run_dir=Path(run_dir),
            network=network,
            optimizer=optimizer,
            validator=validator,
            lr_scheduler=lr_scheduler,
            averaged=averaged,
            keep=keep,
            settings=settings,
            stop_at_nonfinite_metric=stop_at_nonfinite_metric,
            pretrained=pretrained,
        )

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, a MONAI trainer."""
        for handler in (*self.watching, *self.acting):
            handler.attach(engine)
        if self.early_stop_patience and self.validator is not None:
            self.keeper.early_stop = early_stop(self.early_stop_patience, self.validator, engine)
        self.keeper.attach(engine)


def _is_no_error_on_its_way(message: logging.LogRecord) -> bool:
    return " run is terminating due to exception" not in str(message.msg)


def early_stop(patience: int, validator: Evaluator, trainer: Engine) -> EarlyStopping:
    """Return Ignite's early stopping on the validator's key metric, with the validator's comparison."""
    ignore = float("-inf")
    larger = validator.metric_cmp_fn(1.0, 0.0)

    def score(engine: Engine) -> float:
        state: Any = engine.state
        value = float(state.metrics[state.key_metric_name])
        return ignore if value != value else value if larger else -value

    stopping = EarlyStopping(patience=patience, score_function=score, trainer=trainer)
    validator.add_event_handler(Events.COMPLETED, stopping)
    return stopping


class ValidationHandlers:
    """Handlers for monitoring an evaluator during training.

    Args:
        run_dir: Folder of the run.
        overlays: Number of images per epoch for TensorBoard.
    """

    def __init__(self, run_dir: str, overlays: int = 4) -> None:
        self.handlers: list[Any] = [
            Progress("validate"),
            Stats(name=None, iteration_log=False),
            CurveHandler(str(Path(run_dir) / "validation"), overlays),
        ]

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, a MONAI evaluator."""
        for handler in self.handlers:
            handler.attach(engine)


class LoadCheckpoint:
    """Load verified weights when an engine starts.

    Args:
        checkpoint: Path of the weights, written by `cxrtk.training` or MONAI.
        network: Network that receives the weights.
        key: Key of the weights in the file.
    """

    def __init__(self, checkpoint: str, network: torch.nn.Module, key: str = "model") -> None:
        self.checkpoint = Path(checkpoint)
        self.network = network
        self.key = key

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`."""
        engine.add_event_handler(Events.STARTED, self._load)

    def _load(self, _: Engine) -> None:
        load_weights(self.network, checkpoints.load(self.checkpoint), self.checkpoint, self.key)
        logger.info("Weights of %s.", self.checkpoint)
