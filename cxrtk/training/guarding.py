"""Process setup of a training bundle: orderly handling of signals and errors."""

from __future__ import annotations

from cxrtk.process.failures import guard_errors, release_errors
from cxrtk.process.signals import guard_signals, release_signals
from cxrtk.training.runs import close_run


def guard_process() -> None:
    """Let SIGTERM, Ctrl-C and errors end this process with one line and their exit code."""
    guard_signals()
    guard_errors()


def finish(run_dir: str) -> None:
    """Mark the run as complete in its record, and restore the process's handlers."""
    close_run(run_dir)
    release_errors()
    release_signals()
