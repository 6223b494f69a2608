"""Run folders under ``runs/``: new runs and resumed ones."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from cxrtk.errors import ConfigError
from cxrtk.models.run_config import CONFIG as CONFIG
from cxrtk.process import group, lock
from cxrtk.process.command import command_words
from cxrtk.process.work import Current
from cxrtk.training import record
from cxrtk.training.current_run import Reopened, Run, SharedRun, confirm, discard_unless_begun
from cxrtk.training.merged_config import config_of_caller, keep_config
from cxrtk.training.setting_rules import require_fitting

LATEST = "latest"

logger = logging.getLogger(__name__)


def open_run(
    output_dir: str, config_name: str, run_name: str = "", resume_from: str = "", max_epochs: int = 1
) -> str:
    """Create and lock the folder of a new run, or lock the run to resume; return the folder.

    A new folder receives the run's record. A run to resume is only locked: nothing in its folder changes
    before `confirm`, which the keeper calls as soon as the checkpoint, the settings and the data are known to
    fit.

    Among several processes, the first does all this and sends the folder to the others.

    Args:
        output_dir: Folder of all runs, as given to ``tensorboard --logdir``.
        config_name: First half of the default name; the second is the time.
        run_name: User-defined name, which must not be taken.
        resume_from: Empty for a new run; ``latest`` for the last started run of this `config_name`; otherwise
            the folder of a run, or its name in `output_dir`.
        max_epochs: Total number of epochs of the run.

    Raises:
        ConfigError: A setting is out of range, or two do not fit together; the run exists already, or there
            is none to resume; another process trains in it; it already has more epochs than `max_epochs`; the
            model of a new run could not be loaded afterwards; or the folder cannot be written.
        SystemExit: The run to resume is complete (exit code 0); nothing is changed.
    """
    folder = group.by_first(
        "run folder", lambda: str(_open(output_dir, config_name, run_name, resume_from, max_epochs))
    )
    if not group.is_first():
        if not (Path(folder) / record.FILE).is_file():
            raise ConfigError(
                f"{folder}: is not visible to rank {group.Group.rank}; set output_dir to a folder that all "
                "machines share."
            )
        Current.work = SharedRun(Path(folder))
    return str(folder)


def _open(output_dir: str, config_name: str, run_name: str, resume_from: str, max_epochs: int) -> Path:
    """Open a run in the first process; see `open_run`."""
    config = config_of_caller()
    require_fitting(config)
    if resume_from != "":
        folder = run_to_resume(Path(output_dir), config_name, resume_from)
        _require_resumable(folder, max_epochs)
        lock.acquire(folder)
        Current.work = Reopened(folder, max_epochs, config)
    else:
        from cxrtk.training.usable import require_loadable  # imports torch, which `cxrtk runs` does without

        require_loadable(config, Path(output_dir) / (run_name or config_name))
        folder = _make(Path(output_dir), config_name, run_name)
        discard_unless_begun(folder)
        lock.acquire(folder)
        others = record.runs(Path(output_dir))
        number = 1 + max((about.get("number", 0) for _, about in others), default=0)
        record.begin(
            folder, number=number, config_name=config_name, max_epochs=max_epochs, command=command_words()
        )
        logger.info("This run is %s; view it with: tensorboard --logdir %s", folder, output_dir)
        keep_config(config, folder)
        Current.work = Run(folder)
    return folder


def close_run(run_dir: str) -> None:
    """Mark the run as complete in its record, and release its lock."""
    if not group.is_first():
        Current.work = None
        return
    confirm(Path(run_dir))  # for a config without a `Keeper`
    record.update(Path(run_dir), {"status": "complete"})
    lock.release(Path(run_dir))
    Current.work = None


def run_to_resume(output_dir: Path, config_name: str, resume_from: Any) -> Path:
    """Return the run selected by ``--resume_from``.

    Raises:
        ConfigError: The value is neither ``latest`` nor a run, or there is no run yet.
    """
    named = isinstance(resume_from, str) and resume_from.strip()
    if named and resume_from == LATEST:
        return latest_run(output_dir, config_name)
    for folder in (Path(resume_from), output_dir / resume_from) if named else ():
        if (folder / record.FILE).is_file():
            return folder
    raise ConfigError(
        f"--resume_from {resume_from}: is not a run; name the folder of one, or use latest, or leave it out."
    )


def latest_run(output_dir: Path, config_name: str | None = None) -> Path:
    """Return the last started run in `output_dir`, of one config or of any config.

    Raises:
        ConfigError: There is no run.
    """
    found = [
        folder
        for folder, about in record.runs(output_dir)
        if config_name is None or about.get("config_name") == config_name
    ]
    if not found:
        of = f" of {config_name}" if config_name else ""
        raise ConfigError(f"latest: there is no run{of} in {output_dir.resolve()} yet.")
    return found[-1]


def checkpoint_to_evaluate(checkpoint: str) -> str:
    """Check that `checkpoint` is a file, and return it.

    Raises:
        ConfigError: The path is empty or not a file.
    """
    if not checkpoint or not Path(checkpoint).is_file():
        named = Path(checkpoint).resolve() if checkpoint else "none is named"
        raise ConfigError(f"No checkpoint to evaluate ({named}); add --checkpoint runs/<run>/best.pt.")
    return checkpoint


def _make(output_dir: Path, config_name: str, run_name: str) -> Path:
    name = run_name or f"{config_name}-{datetime.now():%Y%m%d-%H%M%S}"
    folder, count = output_dir / name, 1
    while True:
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if run_name:
                raise ConfigError(
                    f"{folder}: a run of this name already exists; choose another --run_name, "
                    f"or continue it: --resume_from {folder}."
                ) from None
            count += 1  # two runs of one config started in the same second
            folder = output_dir / f"{name}-{count}"
        except OSError as error:
            raise ConfigError(f"{folder}: cannot make the run's folder: {error.strerror}.") from error
        else:
            return folder


def _require_resumable(folder: Path, max_epochs: int) -> None:
    """Check the number of epochs in the record of a run.

    Raises:
        ConfigError: The run already has more epochs than `max_epochs`.
        SystemExit: The run is complete (exit code 0).
    """
    about = record.read(folder)
    done, asked = int(about.get("epoch", 0)), int(about.get("max_epochs", max_epochs))
    if max_epochs < done:
        raise ConfigError(f"{folder}: has {done} epochs already, more than --max_epochs {max_epochs}.")
    if about.get("status") == "complete" and max_epochs <= asked:
        print(
            f"{folder} is already complete: {done} of {asked} epochs; raise --max_epochs to train more.",
            file=sys.stderr,
        )
        raise SystemExit(0)
