"""Checkpointing and resuming: the complete training state after each epoch."""

from __future__ import annotations

import json
import logging
import math
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
from cxrtk.errors import CheckpointError, ConfigError, DataError
from cxrtk.models.run_config import CONFIG
from cxrtk.models.weights import bare, load_weights
from cxrtk.process import group
from cxrtk.process.machine import now, versions
from cxrtk.training import checkpoints, metrics_log, record
from cxrtk.training.checkpoints import BEST, LAST
from cxrtk.training.current_run import confirm
from cxrtk.training.epoch_log import EpochLog
from cxrtk.training.guard import require_finite_metric, require_finite_weights
from cxrtk.training.pretrained import read_pretrained
from cxrtk.training.processes import is_first, processes, wait_for_all
from cxrtk.training.shards import require_shards
from cxrtk.training.usable import require_batches, require_stated

# Scheduler state that depends on the settings, not on training: with more epochs the new value applies.
HORIZON = ("t_total", "T_max", "total_steps", "total_iters", "milestones", "warmup_steps", "end_lr")
# Settings that may change on resuming; with the second group, results are no longer bit-identical.
FREE = ("command", "max_epochs", "dataset_dir")
LAST_BITS = ("num_workers", "device", "bf16", "amp")

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
    best_metric: float | None = None
    best_epoch: int = 0
    _began_at: int = 0
    _folder: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        """Validate the arguments that users can set."""
        if self.keep < 2:
            raise ConfigError(
                f"keep must be 2 or more, not {self.keep}: one checkpoint alone can be damaged."
            )
        if self.validator is not None and self.validator.state.key_metric_name is None:
            raise ConfigError("The validator has no key_val_metric, by which best.pt is selected; add one.")

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
        self._note({"settings": _plain(self.settings)})
        self._folder = _identity(self.run_dir)
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
            self._rank(epoch)
        if not is_first():
            return
        metrics_log.cut(self.run_dir, epoch - 1)
        metrics_log.append(self.run_dir, self._row(engine, validated))
        checkpoints.save(self._state(engine), self.run_dir / f"checkpoint_epoch={epoch}.pt")
        checkpoints.prune(self.run_dir, self.keep)
        name = self.validator.state.key_metric_name if self.validator is not None else None
        best = {"key_metric": name, "best_metric": self.best_metric, "best_epoch": self.best_epoch}
        self._note({"epoch": epoch, **best})
        ranked = self.validator if validated else None
        self.epoch_log.say(engine, ranked, best=validated and self.best_epoch == epoch)

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

    # The best checkpoint

    def _rank(self, epoch: int) -> None:
        """Write ``best.pt`` if this validation is the best so far; a non-finite metric never is."""
        state = self.validator.state
        value = float(state.metrics[state.key_metric_name])
        if not math.isfinite(value):
            if self.stop_at_nonfinite_metric:
                require_finite_metric(state.key_metric_name, value, epoch)
            self._tell_validator()  # MONAI would rank the first value as best
            return
        if self.best_metric is None or self.validator.metric_cmp_fn(value, self.best_metric):
            self.best_metric, self.best_epoch = value, epoch
            if is_first():
                checkpoints.save(self._weights(epoch), self.run_dir / BEST)

    def _tell_validator(self) -> None:
        if self.validator is not None:
            known = self.best_metric is not None
            self.validator.state.best_metric = self.best_metric if known else -1
            self.validator.state.best_metric_epoch = self.best_epoch if known else -1

    # State to save

    def _state(self, engine: Engine) -> dict[str, Any]:
        state = {
            **self._weights(engine.state.epoch),
            "model": bare(self.network).state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        for key, part in self._parts(engine).items():
            state[key] = part.state_dict()
        return {**state, "settings": _comparable(self.settings), "versions": versions()}

    def _weights(self, epoch: int) -> dict[str, Any]:
        progress = {"epoch": epoch, "best_metric": self.best_metric, "best_epoch": self.best_epoch}
        network = self.network if self.averaged is None else self.averaged.module
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
        """Check that the folder is still the one in which the training began, since another has no record."""
        if is_first() and _identity(self.run_dir) != self._folder:
            raise DataError(
                f"{self.run_dir}: the folder of this run was removed or replaced while it trained, and what "
                "was trained cannot be saved; leave the folder in its place, and begin a new run."
            )

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
            row["best"] = self.best_epoch == engine.state.epoch
        return row

    def _note(self, changes: Mapping[str, Any]) -> None:
        """Update the run's record, if there is one."""
        if is_first() and (self.run_dir / record.FILE).exists():
            record.update(self.run_dir, changes)

    # Resuming

    def _restore(self, engine: Engine, path: Path, state: Mapping[str, Any]) -> None:
        epoch = int(state["progress"]["epoch"])
        self._require_same_settings(state.get("settings") or {})
        load_weights(self.network, state, path)
        try:
            self.optimizer.load_state_dict(state["optimizer"])
            for key, part in self._parts(engine).items():
                _load_part(part, state[key])
        except (KeyError, ValueError) as error:
            raise CheckpointError(
                f"{path}: does not fit this training: {' '.join(str(error).split())}"
            ) from error
        self.best_metric = state["progress"]["best_metric"]
        self.best_epoch = int(state["progress"]["best_epoch"])
        self._tell_validator()
        confirm(self.run_dir)  # the first change in the folder of a resumed run
        self.best_metric, self.best_epoch = group.by_first("best checkpoint", self._checked_best)
        self._tell_validator()
        progress: Any = engine.state
        progress.epoch, progress.iteration = epoch, epoch * progress.epoch_length
        stopped = self.early_stop is not None and self.early_stop.counter >= self.early_stop.patience
        if stopped or epoch >= progress.max_epochs:
            engine.terminate()
        logger.info("Continuing after epoch %d of %s.", epoch, path)

    def _require_same_settings(self, before: Mapping[str, Any]) -> None:
        # Settings that a run with one process does not state.
        before, now = ({"processes": 1, **each} for each in (before, _comparable(self.settings)))
        other = [key for key in before if key in now and before[key] != now[key]]
        for key in set(other).intersection(LAST_BITS):
            message = "%s: %s was %r and is %r: the result may differ from that of an uninterrupted run."
            logger.warning(message, self.run_dir, key, before[key], now[key])
        changed = [key for key in other if key not in LAST_BITS]
        if changed:
            listed = ", ".join(f"{key} was {before[key]!r} and is {now[key]!r}" for key in changed)
            raise ConfigError(
                f"{self.run_dir}: cannot continue with different settings: {listed}; start a new run."
            )

    def _checked_best(self) -> tuple[float | None, int]:
        self._require_best()
        return self.best_metric, self.best_epoch

    def _require_best(self) -> None:
        """Repair a damaged ``best.pt``, or drop it with a warning."""
        if self.best_metric is None:
            return
        path = self.run_dir / BEST
        try:
            checkpoints.load(path)
        except CheckpointError as error:
            copy = self.run_dir / f"checkpoint_epoch={self.best_epoch}.pt"
            try:
                whole = checkpoints.load(copy)
            except CheckpointError:
                logger.warning("%s The next validation begins the ranking again.", error)
                self.best_metric, self.best_epoch = None, 0
                self._tell_validator()
            else:
                logger.warning("%s Written again from %s.", error, copy.name)
                averaged = whole.get("averaged")
                model = whole["model"] if averaged is None else _weights_of(averaged)
                checkpoints.save({"model": model, "progress": whole["progress"]}, path)


def _weights_of(averaged: Mapping[str, Any]) -> dict[str, Any]:
    """Extract the network's weights from the state of an `AveragedModel`."""
    inside = "module."
    return {key.removeprefix(inside): value for key, value in averaged.items() if key.startswith(inside)}


def _identity(folder: Path) -> tuple[int, ...] | None:
    """Return numbers that change if a run's folder is replaced; ``None`` if there is no folder."""
    try:
        status = folder.stat()
    except OSError:
        return None
    config = folder / CONFIG  # unchanged while the run trains
    written = config.stat().st_mtime_ns if config.is_file() else 0
    return status.st_dev, status.st_ino, written, int((folder / record.FILE).is_file())


def _load_part(part: Any, state: Mapping[str, Any]) -> None:
    """Load a state, but keep a scheduler's horizon from the current settings."""
    horizon = {key: vars(part)[key] for key in HORIZON if key in vars(part)}
    part.load_state_dict(state)
    vars(part).update(horizon)


def _comparable(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the settings that affect the result, as plain values."""
    return {key: value for key, value in _plain(settings).items() if key not in FREE}


def _plain(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(dict(settings or {}), default=str))
    return loaded


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Select the scalar metrics; per-class metrics are in the table of the test."""
    return {name: float(value) for name, value in metrics.items() if is_scalar(value)}
