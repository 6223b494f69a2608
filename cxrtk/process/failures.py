"""Report any exception as one final line: the cause, the file, and the exit code."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from cxrtk import errors
from cxrtk.errors import CxrError
from cxrtk.process import group
from cxrtk.process.signals import reporting_error
from cxrtk.process.work import Current

_NAMED = re.compile(r"^cxrtk\.errors\.(\w+): (.+)$", re.MULTILINE)
_WORKER = re.compile(
    r"DataLoader worker \(pid\(?s?\)? ([\d, ]+)\) (is killed by signal: [\w ]+|exited unexpectedly)"
)
_LOADER = "torch/utils/data/dataloader.py"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
EXTRAS = ("mlflow", "wandb")  # extras in setup.cfg, each named after its package
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
IN_THE_WAY = (errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO, errno.EEXIST)
# Messages by which torch reports a lack of memory, in errors that are RuntimeErrors on a CPU.
_NO_MEMORY = re.compile(
    r"not enough memory|can't allocate memory|cannot allocate memory|CUDA (error: )?out of memory"
    r"|(CUDNN|CUBLAS)_STATUS_ALLOC_FAILED|std::bad_alloc|failed to allocate|unable to allocate"
    r"|could not create a memory|can't start new thread",
    re.IGNORECASE,
)
# MONAI's messages: "import mlflow (No module named 'mlflow')", "required package `mlflow` is not installed".
_ABSENT = re.compile(r"(?:No module named '|required package `)([\w.]+)")
# Messages of torch's process groups (gloo, NCCL) when another process has gone.
_PEER = re.compile(r"gloo|NCCL|Connection (closed|reset) by peer|Broken pipe|TCPStore", re.IGNORECASE)
_guarded = 0  # the process in which `guard_errors` was called


@dataclass(frozen=True)
class Failure:
    """One line for the user and an exit code; `expected` is true if a traceback would not help."""

    text: str
    exit_code: int
    expected: bool


def explain(error: BaseException) -> Failure:
    """Find the root cause that the user can act on.

    MONAI wraps exceptions in two or three of its own, and a DataLoader worker passes on only their text.
    """
    chain = _chain(error)
    for cause in chain:
        if isinstance(cause, CxrError):
            own = Failure(_one_line(str(cause)), cause.exit_code, expected=True)
            return _in_text(str(cause)) or own  # a worker's exception arrives as text with its traceback
    for cause in chain:
        found = _in_text(str(cause)) or _by_loader(cause) or _by_peer(cause)
        found = found or _by_package(cause) or _by_memory(cause) or _by_system(cause)
        if found is not None:
            return found
    root = chain[-1]
    text = _one_line(str(root))
    return Failure(f"{type(root).__name__}: {text}" if text else type(root).__name__, 1, expected=False)


def guard_errors() -> None:
    """Install a hook that reports every unhandled exception as one final line and sets the exit code."""
    global _guarded
    _guarded = os.getpid()
    sys.excepthook = _report


def release_errors() -> None:
    """Restore Python's own exception hook."""
    if sys.excepthook is _report:
        sys.excepthook = sys.__excepthook__


def report(error: BaseException) -> int:
    """Print an error as `guard_errors` does, note it in the record of the run, and return its exit code.

    An error raised while a signal ends the process is not reported: the signal is its cause.
    """
    with reporting_error() as signal_number:
        return 128 + signal_number if signal_number else _print(explain(error), error)


def _print(failure: Failure, error: BaseException) -> int:
    """Print a failure, unless another process of the training has failed first, and return the exit code."""
    if not group.may_tell(failure.text):
        _note_failure_of_other()
        return failure.exit_code
    if not failure.expected:
        traceback.print_exception(error)
        print("cxrtk: this error is unexpected; please report it with the lines above.", file=sys.stderr)
    work = Current.work
    if work is not None:
        work.ended("failed", failure.text)
        if work.has_progress():
            print(f"cxrtk: To continue: {work.go_on_command()}", file=sys.stderr)
    of = f"rank {group.Group.rank}: " if group.Group.size > 1 else ""
    print(f"cxrtk: error: {of}{failure.text}", file=sys.stderr, flush=True)
    return failure.exit_code


def _note_failure_of_other() -> None:
    """Note in the record of the run which other process of the training failed, and why."""
    reason = group.told()
    if Current.work is not None and reason is not None:
        Current.work.ended("failed", reason)


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if os.getpid() != _guarded:  # a fork of the guarded process, which reports for it
        if not issubclass(kind, ConnectionError):  # a lost connection only says that the other process ended
            sys.__excepthook__(kind, error, trace)
        return
    if issubclass(kind, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(report(error))  # Python uses the exit code of a SystemExit raised in its hook


def _chain(error: BaseException) -> list[BaseException]:
    """Return the exception and its causes, down to the first."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def _in_text(text: str) -> Failure | None:
    """Recognise a cxrtk error, or the death of a worker, in the text of another exception."""
    named = _NAMED.findall(text)
    if named:
        kind = getattr(errors, named[-1][0], CxrError)
        return Failure(_one_line(named[-1][1]), kind.exit_code, expected=True)
    worker = _WORKER.search(text)
    if worker:
        return _worker_died(f"{worker[2]} (process {worker[1].strip()})")
    if "DataLoader timed out" in text:
        return Failure(
            f"{_one_line(text)}: a process that loads images hangs; run with --num_workers 0 to see where",
            1,
            expected=True,
        )
    return None


def _by_loader(error: BaseException) -> Failure | None:
    """Recognise a worker that died while sending a batch: the loader only sees a closed connection."""
    if not isinstance(error, ConnectionError | EOFError):
        return None
    frames = traceback.extract_tb(error.__traceback__)
    loading = any(Path(frame.filename).as_posix().endswith(_LOADER) for frame in frames)
    return _worker_died("exited unexpectedly") if loading else None


def _by_peer(error: BaseException) -> Failure | None:
    """Recognise the end of another process of this training that this one waits for."""
    if group.Group.size == 1 or not isinstance(error, RuntimeError) or not _PEER.search(str(error)):
        return None
    text = (
        "another process of this training ended without a message; torchrun reports which one, and the signal"
    )
    return Failure(text, 1, expected=True)


def _worker_died(how: str) -> Failure:
    text = f"a process that loads images {how}, perhaps for lack of memory; use fewer --num_workers, or 0"
    return Failure(text, 1, expected=True)


def _by_package(error: BaseException) -> Failure | None:
    """Recognise a missing package that MONAI imports on use, such as the one for ``--tracking mlflow``."""
    if type(error).__name__ != "OptionalImportError":
        return None
    found = _ABSENT.search(str(error))
    name = found[1].partition(".")[0] if found else ""
    source = f"'cxrtk[{name}]'" if name in EXTRAS else name
    text = f"needs the package {name}, which is not installed: pip install {source}" if name else str(error)
    return Failure(_one_line(text), 2, expected=True)


def _by_memory(error: BaseException) -> Failure | None:
    """Recognise a lack of CPU or GPU memory, from any library."""
    lacking = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    # torch.OutOfMemoryError is a RuntimeError, as is the exception of the CPU allocator.
    if not lacking and not (isinstance(error, RuntimeError) and _NO_MEMORY.search(str(error))):
        return None
    on_gpu = "CUDA" in str(error) or "CUBLAS" in str(error) or "CUDNN" in str(error)
    where = " on the GPU" if on_gpu else ""
    return Failure(
        f"not enough memory{where}{_limit()}; use a smaller batch (--batch-size of a command, --batch_size "
        "of a training), smaller images (--image_size of a training) or fewer workers",
        2,
        expected=True,
    )


def _limit() -> str:
    """Describe this process's limit of address space in words; empty where there is none."""
    from cxrtk.process.address_space import stated

    return f" {stated()}" if stated() else ""


def _by_system(error: BaseException) -> Failure | None:
    if not isinstance(error, OSError):
        return None
    where = _one_line(str(error.filename)) if error.filename else "the output folder"
    if error.errno in FULL:
        return Failure(f"{where}: no space left on the disk; free some space and continue", 2, expected=True)
    if error.errno in REFUSED:
        return Failure(f"{where}: {os.strerror(error.errno)}; check the write permissions", 2, expected=True)
    if error.errno in IN_THE_WAY and error.filename:
        return Failure(f"{where}: {os.strerror(error.errno)}; name another path", 2, expected=True)
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())
