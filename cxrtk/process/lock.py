"""Lock of a folder by one process, released by the system when that process dies."""

from __future__ import annotations

import json
import logging
import os
import platform
from pathlib import Path
from typing import IO

from cxrtk.errors import ConfigError
from cxrtk.process.machine import now

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FILE = ".lock"

logger = logging.getLogger(__name__)
_held: dict[Path, tuple[int, IO[str]]] = {}  # folder -> process, open lock file


def acquire(folder: Path, work: str = "training", cure: str = "start a new run") -> None:
    """Lock `folder` for this process, until `release` or the end of the process.

    Args:
        folder: Folder of the lock file.
        work: Name of the work in progress, for the messages.
        cure: Alternative to waiting, for the messages.

    The lock is a POSIX record lock: worker processes do not inherit it, so it is free as soon as its holder
    has died, even if the workers live on.

    Raises:
        ConfigError: Another process holds the lock; the message says which one and since when.
    """
    folder = folder.resolve()
    if folder in _held and _held[folder][0] == os.getpid():
        return
    file = (folder / FILE).open("a+", encoding="utf-8")
    if fcntl is None:
        logger.warning("This system has no file locks: do not start this twice in %s.", folder)
    else:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(file)
            file.close()
            raise ConfigError(
                f"{folder}: another {work} runs in this folder ({holder}); wait for it, or {cure}."
            ) from error
    left = _holder(file)
    if left:
        logger.warning("%s: the process that held its lock (%s) is gone; going on.", folder.name, left)
    file.truncate(0)
    file.write(json.dumps({"pid": os.getpid(), "host": platform.node(), "since": now()}))
    file.flush()
    _held[folder] = (os.getpid(), file)


def release(folder: Path) -> None:
    """Release the lock; does nothing where this process does not hold it."""
    folder = folder.resolve()
    pid, file = _held.pop(folder, (0, None))
    if file is not None and pid == os.getpid():
        file.truncate(0)  # an empty file: released normally
        file.close()


def is_locked(folder: Path) -> bool:
    """Return whether a process holds the lock of `folder`."""
    folder, path = folder.resolve(), folder / FILE
    if folder in _held and _held[folder][0] == os.getpid():
        return True  # querying the system would release the lock
    if fcntl is None or not path.exists():
        return False
    with path.open(encoding="utf-8") as file:  # a shared lock needs no write access
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _holder(file: IO[str]) -> str:
    file.seek(0)
    try:
        about = json.loads(file.read())
        return f"process {about['pid']} on {about['host']} since {about['since']}"
    except (ValueError, KeyError, TypeError):
        return ""
