"""Limits of address space, as ``ulimit -v`` and batch systems set them, and how their lack shows."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

from cxrtk.errors import ConfigError

_STATM = Path("/proc/self/statm")
# Of the dynamic loader and of C libraries, for which Python has no MemoryError.
_SAID = ("failed to map segment", "cannot allocate memory", "can't start new thread", "bad_alloc")


def limit() -> int | None:
    """Bytes of address space that this process may have, and those that it starts; ``None`` for any number.

    Systems other than Linux do not keep to such a limit.
    """
    if sys.platform == "win32" or not _STATM.exists():
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def used() -> int:
    """Bytes of address space that this process has; Linux only."""
    import resource

    return int(_STATM.read_text().split()[0]) * resource.getpagesize()


def room() -> int | None:
    """Bytes that are left below `limit`; ``None`` for any number."""
    most = limit()
    return None if most is None else most - used()


def stated() -> str:
    """The limit in words; empty where there is none.

    >>> stated() == "" or "ulimit -v" in stated()
    True
    """
    most = limit()
    return "" if most is None else f"under the limit of {most / 1e9:.1f} GB (ulimit -v {most // 1024})"


def lower(more: int) -> str:
    """Let this process have `more` bytes above what it has now, and never more than it was given.

    Returns:
        The limit that was given, in words, where it is lower than that; else an empty text.
    """
    if sys.platform == "win32" or not _STATM.exists():
        return ""
    import resource

    given, said = limit(), stated()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)  # it stays: to raise it is not allowed
    wanted = used() + more
    kept = given is not None and given < wanted
    if not kept:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return said if kept else ""


def is_lack(error: BaseException) -> bool:
    """Whether an error says that there is no memory.

    >>> is_lack(MemoryError()), is_lack(ImportError("a.so: failed to map segment from shared object"))
    (True, True)
    >>> is_lack(ValueError("no memory of it"))
    False
    """
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError) and error.errno in (errno.ENOMEM, errno.EAGAIN):
        return True
    return isinstance(error, (ImportError, OSError, RuntimeError)) and _says(str(error))


def _says(text: str) -> bool:
    return any(said in text.lower() for said in _SAID)


def tells_lack(text: str) -> bool:
    """Whether what a process said when it ended is about memory."""
    return _says(text) or "MemoryError" in text or "Memory allocation" in text or "pthread_create" in text


def require(needed: int, what: str) -> None:
    """Refuse to begin what cannot end well: libraries may hang where address space runs out in their import.

    Args:
        needed: Bytes of address space in all.
        what: That needs them.

    Raises:
        ConfigError: The limit is lower.
    """
    most = limit()
    if most is not None and most < needed:
        raise ConfigError(
            f"{what} cannot work {stated()}: allow at least {needed / 1e9:.1f} GB, or run without a limit."
        )
