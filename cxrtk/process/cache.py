"""The user's cache: folders that are made once on a machine and used by every process after that.

Everything in it can be deleted at any time and is then made again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from platformdirs import user_cache_path

VARIABLE = "CXRTK_CACHE"


def cache_root() -> Path:
    """Return ``CXRTK_CACHE`` if set, otherwise the folder of cxrtk in the user's cache folder."""
    return Path(os.environ.get(VARIABLE) or user_cache_path("cxrtk", appauthor=False))


@contextmanager
def cached_folder(name: str, fill: Callable[[Path], object]) -> Iterator[Path]:
    """Yield a folder that was filled now or by an earlier process.

    Where the cache cannot be written (a read-only system, a user without a home), the folder is a temporary
    one that is removed on leaving.

    Args:
        name: Path of the folder below the cache; it encodes everything that the content depends on.
        fill: Function that fills an empty folder. If it raises, nothing is kept.
    """
    folder = cache_root() / name
    if not folder.is_absolute() or not (folder.is_dir() or _make(folder, fill)):
        with TemporaryDirectory(prefix="cxrtk-") as temporary:
            fill(Path(temporary))
            yield Path(temporary)
        return
    yield folder


def forget(name: str) -> None:
    """Remove a folder from the cache; nothing happens if it is not there."""
    shutil.rmtree(cache_root() / name, ignore_errors=True)


def _make(folder: Path, fill: Callable[[Path], object]) -> bool:
    """Fill a folder beside its place and rename it, so that it is never seen half filled.

    Returns whether the folder is there afterwards: not if the cache cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(mkdtemp(prefix=".part-", dir=folder.parent))
    except OSError:
        return False
    try:
        fill(part)
        part.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster, with the same content
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True
