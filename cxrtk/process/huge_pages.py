"""Huge pages of memory, which make networks faster on a CPU (`benchmarks/huge_pages.py`).

Where Linux gives them on request, glibc requests them for a whole process, by a variable of the environment
that it reads when the process starts. So this process can request them only for the ones that it starts.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.version import Version

from cxrtk.process.environment import variable

SYSTEM = Path("/sys/kernel/mm/transparent_hugepage/enabled")
VARIABLE = "GLIBC_TUNABLES"
TUNABLE = "glibc.malloc.hugetlb"
REQUEST = f"{TUNABLE}=1"
FIRST = Version("2.35")  # version of glibc that knows the tunable


def mode() -> str:
    """Return when the system gives huge pages: ``always``, ``madvise`` (on request) or ``never``.

    The result is empty where they cannot be requested: on other systems, and with another C library.
    """
    library, version = platform.libc_ver()
    if not SYSTEM.is_file() or library != "glibc" or Version(version) < FIRST:
        return ""
    return SYSTEM.read_text(encoding="ascii").partition("[")[2].partition("]")[0]


def requested() -> bool:
    """Return whether this process was started with the request."""
    return REQUEST in os.environ.get(VARIABLE, "").split(":")


@contextmanager
def requested_for_children() -> Iterator[None]:
    """Let the processes that are started meanwhile request huge pages, unless the user decided on it."""
    chosen = os.environ.get(VARIABLE, "")
    if TUNABLE not in chosen:
        chosen = f"{chosen}:{REQUEST}" if chosen else REQUEST
    with variable(VARIABLE, chosen):
        yield
