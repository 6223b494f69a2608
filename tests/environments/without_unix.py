"""Hide from cxrtk and its plugins, in a starting Python, what the standard library has on Unix only.

Put a folder with this file as ``sitecustomize.py`` on ``PYTHONPATH``. Other packages still find everything,
since they ask for the system's name rather than for a function.
"""

import builtins
import os
import signal
import sys
from types import ModuleType
from typing import Any

MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix", "readline"}
NAMES = {
    os: "fork forkpty killpg setpgid getpgid getpgrp setsid getuid geteuid getgid getegid setuid setgid "
    "chown lchown nice getpriority setpriority mkfifo mknod statvfs sched_getaffinity sched_setaffinity "
    "register_at_fork sysconf getloadavg wait uname posix_spawn sendfile sync fchmod O_NOFOLLOW O_DIRECTORY "
    "O_CLOEXEC O_NONBLOCK WIFSIGNALED WTERMSIG WNOHANG set_blocking get_blocking",
    signal: "pthread_sigmask pthread_kill sigwait sigpending siginterrupt setitimer alarm pause SIGKILL "
    "SIGHUP SIGALRM SIGUSR1 SIGUSR2 SIGCHLD SIGPIPE SIG_BLOCK SIG_UNBLOCK SIGSTOP SIGCONT",
}
OURS = ("cxrtk", "plugins")


def hide(module: ModuleType, names: list[str]) -> None:
    """Move names of a module to a fallback that denies them to us."""
    kept = {name: vars(module).pop(name) for name in names if hasattr(module, name)}

    def find(name: str) -> Any:
        if name not in kept or ours(sys._getframe(1).f_globals):
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        return kept[name]

    module.__getattr__ = find  # type: ignore[method-assign]


def ours(frame: dict[str, Any] | None) -> bool:
    """Return whether code is of cxrtk or of a plugin."""
    return str((frame or {}).get("__name__", "")).split(".")[0] in OURS


def import_(
    name: str,
    globals: dict[str, Any] | None = None,
    locals: Any = None,
    fromlist: Any = (),
    level: int = 0,
) -> ModuleType:
    """Import a module, unless it is one that we would not find."""
    if name in MODULES and ours(globals):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module: ModuleType = known(name, globals, locals, fromlist, level)
    return module


known = builtins.__import__
if __name__ == "sitecustomize":
    builtins.__import__ = import_
    for of, all_names in NAMES.items():
        hide(of, all_names.split())
