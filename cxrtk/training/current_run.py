"""The run as the current work of this process, for the handlers of signals and errors."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import sweep
from cxrtk.process import lock
from cxrtk.process.command import command_words
from cxrtk.process.machine import versions
from cxrtk.process.work import Current
from cxrtk.training import record
from cxrtk.training.merged_config import keep_config
from cxrtk.training.resuming import resume_command

logger = logging.getLogger(__name__)
_begun: set[Path] = set()  # folders of this process's runs in which something was trained or tested


@dataclass(frozen=True)
class Run:
    """A run that this process trains.

    Attributes:
        folder: Folder of the run.
    """

    folder: Path

    def ended(self, status: str, reason: str) -> None:
        """Record how the run ended; the lock is released when the process ends."""
        if (self.folder / record.FILE).exists():
            record.update(self.folder, {"status": status, "reason": reason})

    def go_on_command(self) -> str:
        """Return the command that resumes the run."""
        return resume_command(self.folder)

    def has_progress(self) -> bool:
        """Return whether the run has a checkpoint to resume from."""
        return any(self.folder.glob("checkpoint_epoch=*.pt"))


@dataclass(frozen=True)
class SharedRun(Run):
    """A run that this process trains together with others; the first process keeps the record."""

    def ended(self, status: str, reason: str) -> None:
        """Leave the record to the first process."""


@dataclass(frozen=True)
class Reopened(Run):
    """A run that is to be resumed, until its checkpoint is known to fit: nothing in its folder is changed.

    Attributes:
        max_epochs: Total number of epochs from now on.
        config: Merged config with which the run is resumed; ``None`` if no bundle resumes it.
    """

    max_epochs: int = 1
    config: Any = field(default=None, compare=False)

    def ended(self, status: str, reason: str) -> None:
        """Release the lock and leave the record unchanged, since the run was not resumed."""
        lock.release(self.folder)

    def has_progress(self) -> bool:
        """Return ``False``: the same command would be refused again."""
        return False

    def go_on(self) -> None:
        """Record in the run's folder that it is resumed, with the command, the versions and the config."""
        left = sweep(self.folder)
        if left:
            logger.info("Removed %d half-written files of a process that was killed.", len(left))
        about = record.read(self.folder)
        record.update(
            self.folder,
            {
                "status": "running",
                "reason": None,
                "max_epochs": self.max_epochs,
                "commands": [*about.get("commands", []), command_words()],
                "versions": versions(),
            },
        )
        if about.get("versions") != versions():
            message = "%s was started with different versions of packages; the result may differ."
            logger.warning(message, self.folder)
        keep_config(self.config, self.folder)
        Current.work = Run(self.folder)


def confirm(folder: Path) -> None:
    """Record that the run in `folder` is resumed, once its checkpoint, settings and data are known to fit.

    A new run counts as begun from now on. Nothing changes if the run was already confirmed, or if `folder` is
    not the folder of the run.
    """
    _begun.add(folder.resolve())
    work = Current.work
    if isinstance(work, Reopened) and work.folder.resolve() == folder.resolve():
        work.go_on()


def discard_unless_begun(folder: Path) -> None:
    """Remove the folder of a new run at the end of this process, if nothing was trained or tested in it.

    MONAI's config checks instantiate the components and thus open a run; nothing of it remains on the disk.
    A run that failed or was stopped is kept, since its record states the reason.
    """
    atexit.register(_discard, folder.resolve(), os.getpid())


def _discard(folder: Path, process: int) -> None:
    if folder in _begun or os.getpid() != process or not (folder / record.FILE).is_file():
        return
    if record.read(folder).get("status") != "running":
        return
    lock.release(folder)
    shutil.rmtree(folder)
    if not any(folder.parent.iterdir()):
        folder.parent.rmdir()
