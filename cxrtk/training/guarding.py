"""Process setup of a training bundle: handling of signals and errors, and a check of its settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from cxrtk.errors import ConfigError
from cxrtk.process.device import check_device
from cxrtk.process.failures import guard_errors, release_errors
from cxrtk.process.signals import guard_signals, release_signals
from cxrtk.training import record
from cxrtk.training.hparams import write_hparams
from cxrtk.training.merged_config import config_of_caller
from cxrtk.training.processes import is_first, join_processes, leave_processes
from cxrtk.training.runs import close_run
from cxrtk.training.setting_rules import plain, require_fitting


def guard_process() -> None:
    """Make SIGTERM, Ctrl-C and errors end this process with one line and their exit code.

    Since this is the first step of a bundle, it also checks the settings of the bundle that calls it.

    Raises:
        ConfigError: A setting is out of range, two settings do not fit together, the device does not exist,
            or several processes were started with a config for one.
    """
    guard_signals()
    guard_errors()
    config = config_of_caller()
    _require_one_process(config)
    require_fitting(config)
    device = plain(config, "device") if isinstance(config, dict) else None
    if isinstance(device, str):
        check_device(device)


def guard_processes(device: torch.device | str) -> None:
    """Join the processes that ``torchrun`` started, then guard this process like `guard_process`.

    Only one process prints a line for the user: the one that fails first, or the first process if a signal
    stops all of them. Without ``torchrun`` the process is alone.

    Args:
        device: Device of this process, see `device_of_process`.

    Raises:
        ConfigError: Same as for `guard_process`, or the processes cannot connect to each other.
    """
    guard_signals()
    guard_errors()
    join_processes(device)
    guard_process()


def _require_one_process(config: Any) -> None:
    """Refuse several processes (``torchrun``) if the config does not join them to a group.

    Raises:
        ConfigError: There are several processes. Only the first one raises it; the others exit silently, with
            the same exit code.
    """
    count = os.environ.get("WORLD_SIZE", "1")
    if count in ("", "1") or torch.distributed.is_initialized() or "init_process_group" in str(config):
        return
    if os.environ.get("RANK", "0") != "0":
        raise SystemExit(ConfigError.exit_code)
    raise ConfigError(
        f"{count} processes were started (WORLD_SIZE), but this config trains in one; leave torchrun out, or "
        "lay bundles/multi_gpu.json over it."
    )


def finish(run_dir: str) -> None:
    """Mark the run as complete, restore the process's handlers, and leave a group of processes.

    Settings and final metrics are written for TensorBoard's HPARAMS.
    """
    if is_first() and (Path(run_dir) / record.FILE).is_file():
        write_hparams(Path(run_dir))
    close_run(run_dir)
    leave_processes()
    release_errors()
    release_signals()
