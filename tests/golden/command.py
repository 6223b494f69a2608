"""`cxrtk` in this process, as a fresh process in an empty terminal would see it."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Of a terminal, and of a user: what decides how text is laid out; and by what networks are computed.
SET = {
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "LC_ALL": "C.UTF-8",
    "CXRTK_PRECISION": "fp32",
    "CXRTK_BF16": "0",
}
UNSET = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, or the error that it died of; and all that it printed."""

    exit: str
    out: str
    err: str


def run(arguments: Sequence[str], folder: Path) -> Ended:
    """Run ``cxrtk ...`` in `folder`."""
    from cxrtk.cli import main

    out, err = io.StringIO(), io.StringIO()
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with _process(arguments, folder), _warnings(), streams[0], streams[1]:
        try:
            main(list(arguments))
        except SystemExit as ended:
            how = str(ended.code or 0)
        except Exception as error:  # noqa: BLE001 - a fault, which a user sees as a traceback
            how = f"{type(error).__name__}: {error}"
        else:
            how = "none"
    return Ended(how, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _process(arguments: Sequence[str], folder: Path) -> Iterator[None]:
    """Environment, working folder, command line and log of a process that has just begun."""
    environment, words, here = dict(os.environ), sys.argv, Path.cwd()
    handlers, level = logging.root.handlers[:], logging.root.level
    logging.root.handlers[:] = []
    os.environ.update(SET)
    for name in UNSET:
        os.environ.pop(name, None)
    sys.argv = ["cxrtk", *arguments]
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        sys.argv = words
        os.environ.clear()
        os.environ.update(environment)
        logging.root.handlers[:], logging.root.level = handlers, level
        logging.getLogger("cxrtk").setLevel(logging.NOTSET)


@contextlib.contextmanager
def _warnings() -> Iterator[None]:
    """Warnings as Python shows them where nobody asked for others: on stderr, each place once."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for hidden in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", hidden)
        warnings.showwarning = _show
        yield


def _show(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno))
