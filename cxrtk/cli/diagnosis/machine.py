"""Python, the machine, the user's settings, and free space."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cxrtk import __version__
from cxrtk.cli.diagnosis.finding import BROKEN, NOTE, OK, Finding
from cxrtk.cli.settings_file import defaults, settings_path
from cxrtk.errors import ConfigError
from cxrtk.process import huge_pages as pages
from cxrtk.process.cache import cache_root
from cxrtk.process.machine import host

SHOWN = tuple(f"CXRTK_{each}" for each in ("BACKEND", "CACHE", "PLUGINS", "PRECISION", "SETTINGS"))
LEAST_FREE = 1e9  # bytes; a training writes some hundred megabytes


def examine() -> Iterator[Finding]:
    """Yield what the results and the speed on this machine depend on."""
    about = host()
    memory = f", {about['memory_gb']} GB of memory" if about["memory_gb"] else ""
    yield Finding(OK, "cxrtk", f"{__version__}, {Path(__file__).resolve().parents[2]}")
    yield Finding(OK, "Python", f"{platform.python_version()}, {about['python']}")
    yield Finding(OK, "system", f"{about['system']}; {about['cpu']}, {about['cores']} cores{memory}")
    yield from huge_pages()
    yield settings()
    yield from environment()
    for name, folder in (
        ("here", Path.cwd()),
        ("cache", cache_root()),
        ("temporary", Path(tempfile.gettempdir())),
    ):
        yield free_space(name, folder)


def huge_pages() -> Iterator[Finding]:
    """Say whether memory comes in huge pages; nothing on systems where they cannot be requested."""
    mode = pages.mode()
    if mode == "madvise" and not pages.requested():
        cure = f"set {pages.VARIABLE}={pages.REQUEST} for faster networks on a CPU"
        yield Finding(NOTE, "huge pages", "on request, and not requested", cure)
    elif mode:
        yield Finding(OK, "huge pages", "requested" if mode == "madvise" else mode)


def settings() -> Finding:
    """Say which file of settings is read, and whether it can be."""
    path = settings_path()
    try:
        defaults("doctor", {"json": "json"})
    except ConfigError as error:
        return Finding(BROKEN, "settings", str(error), "correct the file, or move it away")
    return Finding(OK, "settings", str(path) if path.is_file() else f"none; the file would be {path}")


def environment() -> Iterator[Finding]:
    """Yield the environment variables of cxrtk that are set; others than `SHOWN` may be secret."""
    for name in sorted(os.environ):
        if name.startswith("CXRTK_"):
            yield Finding(NOTE, name, os.environ[name] if name in SHOWN else "set")


def free_space(name: str, folder: Path) -> Finding:
    """Say how much is free where a folder is, or would be made."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.is_dir())
    free = shutil.disk_usage(there).free
    low = free < LEAST_FREE
    return Finding(
        NOTE if low else OK,
        f"free space, {name}",
        f"{free / 1e9:.1f} GB at {folder}",
        "free some space before training" if low else "",
    )
