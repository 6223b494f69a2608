"""Checkpointing and resuming: the complete training state after each epoch."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from ignite.handlers import EarlyStopping
from monai.utils.misc import is_scalar
from torch.optim.swa_utils import AveragedModel

from cxrtk.data.atomic import require_space
from cxrtk.errors import CheckpointError, ConfigError
from cxrtk.models.weights import bare, load_weights
from cxrtk.process import group
from cxrtk.process.machine import now, versions
from cxrtk.training import checkpoints, metrics_log, record
from cxrtk.training.best import Best
from cxrtk.training.checkpoints import BEST, LAST
from cxrtk.training.current_run import confirm
from cxrtk.training.epoch_log import EpochLog
from cxrtk.training.guard import require_finite_weights
from cxrtk.training.pretrained import read_pretrained
from cxrtk.training.processes import is_first, processes, wait_for_all
from cxrtk.training.same_run import (
    comparable,
    identity,
    plain,
    require_same_folder,
    require_same_settings,
)
from cxrtk.training.shards import require_shards
from cxrtk.training.usable import require_batches, require_stated

# Scheduler state that depends on the settings, not on training: with more epochs the new value applies.
HORIZON = ("t_total", "T_max", "total_steps", "total_iters", "milestones", "warmup_steps", "end_lr")

logger = logging.getLogger(__name__)


@dataclass
class Keeper:
    """Save the complete state at the end of each epoch, after all other handlers; restore it at the start.

    Files in `run_dir`: ``checkpoint_epoch=N.pt`` with the complete state, the newest `keep` of them;
    ``best.pt`` and ``last.pt`` with the weights; ``metrics.jsonl``.
    If the folder holds checkpoints, the run is resumed; otherwise it may start from pretrained weights.
    Among several processes, all load the checkpoint, and only the first saves.

    Args:
        run_dir: Folder of the run.
        network: Network, saved as ``model``.
        optimizer: Optimizer, saved as ``optimizer``.
        validator: MONAI evaluator; its key metric selects ``best.pt``. ``None`` for no such file.
        lr_scheduler: Scheduler, saved as ``lr_scheduler``.
        early_stop: Early stopping, saved as ``early_stop``.
        averaged: Moving average of the network's weights, which ``best.pt`` and ``last.pt`` hold in place of
            the network's own weights.
        keep: Number of full checkpoints to keep, at least 2.
        settings: Settings of the run, which must match when it is resumed.
        stop_at_nonfinite_metric: Whether a NaN key metric ends the training; otherwise it never counts as
            best.
        pretrained: Initial weights of a new run, see `read_pretrained`; empty for none.
    """

    run_dir: Path
    network: torch.nn.Module
    optimizer: torch.optim.Optimizer
    validator: Any = None
    lr_scheduler: Any = None
    early_stop: EarlyStopping | None = None
    averaged: AveragedModel | None = None
    keep: int = 2
    settings: Mapping[str, Any] | None = None
    stop_at_nonfinite_metric: bool = True
    pretrained: str = ""

    epoch_log: EpochLog = field(default_factory=EpochLog)
    best: Best = field(init=False)
    _began_at: int = 0
    _folder: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        """Validate the arguments that users can set."""
        if self.keep < 2:
            raise ConfigError(
                f"keep must be 2 or more, not {self.keep}: one checkpoint alone can be damaged."
            )
        self.best = Best(self.run_dir, self.validator, self.stop_at_nonfinite_metric)

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, a MONAI trainer. Its other handlers may be attached before or after."""
        engine.add_event_handler(Events.STARTED, self._started)
        engine.add_event_handler(Events.COMPLETED, self._completed)

    def _started(self, engine: Engine) -> None:
        require_space(self.run_dir, 2 * self._size())
        require_shards(engine, self.validator)
        require_batches(engine, self.validator)
        found = self._newest()
        if found is not None:
            self._restore(engine, *found)
        else:
            require_stated(self.run_dir, bare(self.network))
        if found is None and self.pretrained:
            self._start_from_pretrained()
        confirm(self.run_dir)  # also of a run that was stopped before its first checkpoint
        self._began_at = engine.state.epoch
        self._note({"settings": plain(self.settings)})
        self._folder = identity(self.run_dir)
        self.epoch_log.start()
        # Here and not in attach: by now every handler of the engine is attached, so that this one runs last.
        if not engine.has_event_handler(self._epoch_completed, Events.EPOCH_COMPLETED):
            engine.add_event_handler(Events.EPOCH_COMPLETED, self._epoch_completed)

    def _newest(self) -> tuple[Path, dict[str, Any]] | None:
        """Return the checkpoint to resume from, the same in all processes, and its content."""
        if processes() == 1:
            return checkpoints.newest(self.run_dir)
        found: list[tuple[Path, dict[str, Any]]] = []  # filled by the first process only

        def name() -> str | None:
            found.extend(each for each in [checkpoints.newest(self.run_dir)] if each is not None)
            return found[0][0].name if found else None

        named = group.by_first("newest checkpoint", name)
        if named is None:
            return None
        path = self.run_dir / named
        return found[0] if found else (path, checkpoints.load(path))

    def _start_from_pretrained(self) -> None:
        about, path, state = read_pretrained(self.pretrained, BEST)
        load_weights(self.network, state, path)
        self._note({"pretrained": about.record()})
        logger.info("Starting from the weights of %s (SHA-256 %s...).", path, about.sha256[:12])

    def _epoch_completed(self, engine: Engine) -> None:
        epoch = engine.state.epoch
        self._require_folder()
        require_finite_weights(self.network, epoch)
        validated = self.validator is not None and self.validator.state.epoch == epoch
        if validated:
            self.best.rank(epoch, self._weights)
        if not is_first():
            return
        metrics_log.cut(self.run_dir, epoch - 1)
        metrics_log.append(self.run_dir, self._row(engine, validated))
        checkpoints.save(self._state(engine), self.run_dir / f"checkpoint_epoch={epoch}.pt")
        checkpoints.prune(self.run_dir, self.keep)
        self._note({"epoch": epoch, "key_metric": self.best.key_metric(), **self.best.progress()})
        ranked = self.validator if validated else None
        self.epoch_log.say(engine, ranked, best=validated and self.best.epoch == epoch)

    def _completed(self, engine: Engine) -> None:
        if is_first():
            self._finish(engine.state.epoch)
        wait_for_all()  # what comes next may read the weights

    def _finish(self, epoch: int) -> None:
        self._require_folder()
        if epoch == self._began_at and self._last_is_of(epoch):
            logger.info("%s is already complete: %d epochs; nothing was trained.", self.run_dir, epoch)
            return
        checkpoints.save(self._weights(epoch), self.run_dir / LAST)
        checkpoints.prune(self.run_dir, self.keep)
        logger.info("Trained %d epochs; the last weights are %s.", epoch, self.run_dir / LAST)

    def _last_is_of(self, epoch: int) -> bool:
        """Return whether ``last.pt`` belongs to `epoch`; a kill may have occurred between the two files."""
        try:
            return int(checkpoints.load(self.run_dir / LAST)["progress"]["epoch"]) == epoch
        except CheckpointError:
            return False

    # State to save

    def _state(self, engine: Engine) -> dict[str, Any]:
        state = {
            **self._weights(engine.state.epoch),
            "model": bare(self.network).state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        for key, part in self._parts(engine).items():
            state[key] = part.state_dict()
        return {**state, "settings": comparable(self.settings), "versions": versions()}

    def _weights(self, epoch: int) -> dict[str, Any]:
        network = self.network if self.averaged is None else self.averaged.module
        progress = {"epoch": epoch, **self.best.progress()}
        return {"model": bare(network).state_dict(), "progress": progress}

    def _parts(self, engine: Engine) -> dict[str, Any]:
        """Return the objects that have a state, besides network and optimizer."""
        scaler = getattr(engine, "scaler", None)
        parts = {
            "lr_scheduler": self.lr_scheduler,
            "early_stop": self.early_stop,
            "averaged": self.averaged,
            "scaler": scaler,
        }
        return {key: part for key, part in parts.items() if part is not None}

    def _require_folder(self) -> None:
        if is_first():
            require_same_folder(self.run_dir, self._folder)

    def _size(self) -> int:
        """Estimate the size of a checkpoint in bytes: the weights, and two more numbers each, as for Adam."""
        return 3 * sum(int(tensor.nbytes) for tensor in self.network.state_dict().values())

    def _row(self, engine: Engine, validated: bool) -> dict[str, Any]:
        row: dict[str, Any] = {
            "epoch": engine.state.epoch,
            "iteration": engine.state.iteration,
            "time": now(),
            "lr": float(self.optimizer.param_groups[0]["lr"]),
            "train": _numbers(engine.state.metrics),
        }
        if validated:
            row["validation"] = _numbers(self.validator.state.metrics)
            row["best"] = self.best.epoch == engine.state.epoch
        return row

    def _note(self, changes: Mapping[str, Any]) -> None:
        """Update the run's record, if there is one."""
        if is_first() and (self.run_dir / record.FILE).exists():
            record.update(self.run_dir, changes)

    # Resuming

    def _restore(self, engine: Engine, path: Path, state: Mapping[str, Any]) -> None:
        epoch = int(state["progress"]["epoch"])
        require_same_settings(self.run_dir, state.get("settings") or {}, self.settings)
        load_weights(self.network, state, path)
        try:
            self.optimizer.load_state_dict(state["optimizer"])
            for key, part in self._parts(engine).items():
                _load_part(part, state[key])
        except (KeyError, ValueError) as error:
            raise CheckpointError(
                f"{path}: does not fit this training: {' '.join(str(error).split())}"
            ) from error
        self.best.restore(state["progress"])
        confirm(self.run_dir)  # the first change in the folder of a resumed run
        self.best.mend()
        progress: Any = engine.state
        progress.epoch, progress.iteration = epoch, epoch * progress.epoch_length
        stopped = self.early_stop is not None and self.early_stop.counter >= self.early_stop.patience
        if stopped or epoch >= progress.max_epochs:
            engine.terminate()
        logger.info("Continuing after epoch %d of %s.", epoch, path)


def _load_part(part: Any, state: Mapping[str, Any]) -> None:
    """Load a state, but keep a scheduler's horizon from the current settings."""
    horizon = {key: vars(part)[key] for key in HORIZON if key in vars(part)}
    part.load_state_dict(state)
    vars(part).update(horizon)


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Select the scalar metrics; per-class metrics are in the table of the test."""
    return {name: float(value) for name, value in metrics.items() if is_scalar(value)}
