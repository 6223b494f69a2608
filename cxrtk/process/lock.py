"""Lock of a folder by one process, released by the system when that process dies."""

from __future__ import annotations

import errno
import json
import logging
import os
import platform
import time
from pathlib import Path

from filelock import lock_descriptor

from cxrtk.errors import ConfigError
from cxrtk.process.machine import now

FILE = ".lock"
# `is_locked` has to take a lock for a moment to learn whether it is free.
ATTEMPTS, PAUSE_SECONDS = 4, 0.03

logger = logging.getLogger(__name__)
_held: dict[Path, tuple[int, int]] = {}  # folder -> process, descriptor of the lock file


def acquire(folder: Path, work: str = "training", cure: str = "start a new run") -> None:
    """Lock `folder` for this process, until `release` or the end of the process.

    Args:
        folder: Folder of the lock file.
        work: Name of the work in progress, for the messages.
        cure: Alternative to waiting, for the messages.

    Worker processes do not hold the lock, so it is free once its holder has died, even if they still run.

    Raises:
        ConfigError: Another process holds the lock; the message says which one and since when.
    """
    folder = folder.resolve()
    if folder in _held and _held[folder][0] == os.getpid():
        return
    file = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o666)
    if not _take(file, folder):
        holder = _holder(file)
        os.close(file)
        raise ConfigError(f"{folder}: another {work} runs in this folder ({holder}); wait for it, or {cure}.")
    left = _holder(file)
    if left:
        logger.warning("%s: the process that held its lock (%s) is gone; continuing.", folder.name, left)
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    about = {"pid": os.getpid(), "host": platform.node(), "since": now()}
    # Windows locks the first byte, which no other process can then read.
    os.write(file, b" " + json.dumps(about).encode())
    _held[folder] = (os.getpid(), file)


def release(folder: Path) -> None:
    """Release the lock; does nothing where this process does not hold it."""
    folder = folder.resolve()
    pid, file = _held.pop(folder, (0, -1))
    if pid == os.getpid():
        os.ftruncate(file, 0)  # an empty file: released normally
        os.close(file)


def is_locked(folder: Path) -> bool:
    """Return whether a process holds the lock of `folder`."""
    folder, path = folder.resolve(), folder / FILE
    if folder in _held and _held[folder][0] == os.getpid():
        return True
    if not path.exists():
        return False
    with path.open("rb") as file:  # needs no write access
        return not _take(file.fileno(), folder)


def _take(file: int, folder: Path) -> bool:
    """Lock an open file until it is closed; return whether that succeeded."""
    try:
        for attempt in range(ATTEMPTS):
            if lock_descriptor(file, blocking=False):
                return True
            if attempt < ATTEMPTS - 1:
                time.sleep(PAUSE_SECONDS)
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK, errno.EBADF):
            raise
        logger.warning("%s: this file system has no locks; do not start this twice in it.", folder)
        return True
    return False


def _holder(file: int) -> str:
    os.lseek(file, 1, os.SEEK_SET)
    try:
        about = json.loads(os.read(file, 10_000))
        return f"process {about['pid']} on {about['host']} since {about['since']}"
    except (ValueError, KeyError, TypeError):
        return ""


def _forget() -> None:
    """Close the lock files in a forked child, which would otherwise hold the locks beyond its parent."""
    for _, file in _held.values():
        os.close(file)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
