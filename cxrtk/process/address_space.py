"""Limits of address space, as set by ``ulimit -v`` and batch systems, and errors that result from them."""

from __future__ import annotations

import errno
from pathlib import Path

from cxrtk.errors import ConfigError

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_STATM = Path("/proc/self/statm")
# Messages of the dynamic loader and of C libraries that Python does not convert to a MemoryError.
_SAID = ("failed to map segment", "cannot allocate memory", "can't start new thread", "bad_alloc")


def limit() -> int | None:
    """Return the address space limit of this process and its children in bytes; ``None`` for no limit.

    Systems other than Linux do not enforce such a limit.
    """
    if resource is None or not _STATM.exists():
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def used() -> int:
    """Return the address space used by this process in bytes; Linux only."""
    return int(_STATM.read_text().split()[0]) * resource.getpagesize()


def room() -> int | None:
    """Return the bytes left below `limit`; ``None`` for no limit."""
    most = limit()
    return None if most is None else most - used()


def stated() -> str:
    """Describe the limit in words; empty where there is none.

    >>> stated() == "" or "ulimit -v" in stated()
    True
    """
    most = limit()
    return "" if most is None else f"under the limit of {most / 1e9:.1f} GB (ulimit -v {most // 1024})"


def lower(more: int) -> str:
    """Limit this process to `more` bytes above its current use, but never above its previous limit.

    Returns:
        The previous limit in words, if it is the lower one; otherwise an empty string.
    """
    if resource is None or not _STATM.exists():
        return ""
    given, said = limit(), stated()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)  # kept, as raising it is not allowed
    wanted = used() + more
    kept = given is not None and given < wanted
    if not kept:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return said if kept else ""


def is_lack(error: BaseException) -> bool:
    """Return whether an error is caused by a lack of memory.

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
    """Return whether the last output of a process reports a lack of memory."""
    return _says(text) or "MemoryError" in text or "Memory allocation" in text or "pthread_create" in text


def require(needed: int, what: str) -> None:
    """Refuse to start without enough address space, since libraries may hang when it runs out on import.

    Args:
        needed: Total bytes of address space needed.
        what: Name of the work that needs them.

    Raises:
        ConfigError: The address space limit is lower than `needed`.
    """
    most = limit()
    if most is not None and most < needed:
        raise ConfigError(
            f"{what} cannot work {stated()}: allow at least {needed / 1e9:.1f} GB, or run without a limit."
        )
