"""Process setup of a training bundle: handling of signals and errors, and a look at its settings."""

from __future__ import annotations

from cxrtk.process.device import check_device
from cxrtk.process.failures import guard_errors, release_errors
from cxrtk.process.signals import guard_signals, release_signals
from cxrtk.training.merged_config import config_of_caller
from cxrtk.training.runs import close_run
from cxrtk.training.setting_rules import plain, require_fitting


def guard_process() -> None:
    """Let SIGTERM, Ctrl-C and errors end this process with one line and their exit code.

    The first step of a bundle, so the settings of the bundle that calls it are checked here.

    Raises:
        ConfigError: A setting is out of range, two do not fit together, or there is no such device.
    """
    guard_signals()
    guard_errors()
    config = config_of_caller()
    require_fitting(config)
    device = plain(config, "device") if isinstance(config, dict) else None
    if isinstance(device, str):
        check_device(device)


def finish(run_dir: str) -> None:
    """Mark the run as complete in its record, and restore the process's handlers."""
    close_run(run_dir)
    release_errors()
    release_signals()
