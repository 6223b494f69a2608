"""Temporary folder for files from a server; it holds patients' images, and is removed in every case."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxrtk.process.lock import acquire, is_locked, release

PREFIX = "cxrtk-dicomweb-"
NEW_SECONDS = 60.0  # age up to which a folder may still lack its lock


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a new folder that only this user can read, and remove it at the end.

    Folders that killed processes of this user have left behind are removed too: their locks are free.
    """
    base = Path(tempfile.gettempdir())
    for old in base.glob(f"{PREFIX}*"):
        if _is_abandoned(old):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    acquire(folder, "retrieval")
    try:
        yield folder
    finally:
        release(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Return whether a folder is ours and not new, and no process holds its lock."""
    try:
        status = folder.lstat()
        own = stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
        return own and time.time() - status.st_mtime > NEW_SECONDS and not is_locked(folder)
    except OSError:
        return False  # removed by another process in the meantime
