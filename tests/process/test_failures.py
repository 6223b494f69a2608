"""Any error as one line and one exit code."""

import errno
import os
import sys
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monai.data import DataLoader, Dataset
from monai.utils import optional_import

from cxrtk import CheckpointError, CxrReadError, DataError, NonFiniteError
from cxrtk.process import failures
from cxrtk.process.failures import explain, guard_errors, release_errors, report
from cxrtk.process.work import Current
from cxrtk.training import open_run, record
from cxrtk.training.runs import Run

READ = CxrReadError("images/7.png", "is cut short", cure="copy it again")


def chained(*errors: BaseException, hidden: bool = False) -> BaseException:
    """The last of `errors`, raised from the one before it, and so on; or while it was handled."""
    outer = errors[0]
    for error in errors[1:]:
        if hidden:
            error.__context__ = outer
        else:
            error.__cause__ = outer
        outer = error
    return outer


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (READ, 2),
        (DataError("no images"), 2),
        (NonFiniteError("the loss is nan"), 4),
        (CheckpointError("bad"), 5),
    ],
)
def test_our_error_is_found_under_monais(error, code, hidden):
    """Three errors deep: its line, its code, and no traceback is needed."""
    wrapped = (RuntimeError("applying transform"), RuntimeError("Failed to instantiate"), ValueError("x"))
    failure = explain(chained(error, *wrapped, hidden=hidden))
    assert (failure.text, failure.exit_code, failure.expected) == (str(error), code, True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "not enough memory;"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "not enough memory;"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"),
            "not enough memory;",
        ),
        (RuntimeError("CUDA out of memory. Tried to allocate 9 GiB"), "not enough memory on the GPU;"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), "not enough memory on the GPU;"),
    ],
)
def test_lack_of_memory_says_what_to_do(error, said):
    """Whoever says it, and under whatever else."""
    failure = explain(chained(error, RuntimeError("Failed to instantiate")))
    assert failure.text.startswith(said) and "--batch_size" in failure.text
    assert (failure.exit_code, failure.expected) == (2, True)
    assert not explain(RuntimeError("no memory of it")).expected


@pytest.mark.parametrize("number", [errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO])
def test_a_path_of_another_kind_is_named(number):
    """In one line."""
    failure = explain(OSError(number, os.strerror(number), "a/b"))
    assert failure.text == f"a/b: {os.strerror(number)}; name another path"
    assert (failure.exit_code, failure.expected) == (2, True)


def test_an_error_that_was_put_aside_is_not_the_cause():
    """``raise ... from None`` says that what came before does not matter."""
    try:
        try:
            raise DataError("handled")
        except DataError:
            raise ValueError("the real one") from None
    except ValueError as error:
        failure = explain(error)
    assert failure.text == "ValueError: the real one" and not failure.expected


class Fails(Dataset):
    """A data set whose items cannot be had."""

    def __init__(self, error: Exception) -> None:
        super().__init__([0, 1])
        self.error = error

    def __getitem__(self, index):
        try:
            raise self.error
        except CxrReadError as error:
            raise RuntimeError("applying transform <x>") from error  # as MONAI does


@pytest.mark.parametrize(
    ("error", "code"),
    [(READ, 2), (DataError("a.csv: line 3 has 4 fields"), 2), (NonFiniteError("7.png: is inf"), 4)],
)
def test_a_workers_error_is_as_that_of_the_main_process(error, code):
    """DataLoader sends a worker's traceback as text; its one line comes out again."""
    batches = iter(DataLoader(Fails(error), num_workers=1))
    with pytest.raises(Exception, match="Caught") as caught:
        next(batches)
    batches._shutdown_workers()  # not by the garbage collector, which waits for it
    failure = explain(caught.value)
    assert (failure.text, failure.exit_code, failure.expected) == (str(error), code, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "DataLoader worker (pid 4711) is killed by signal: Killed. ",
            "killed by signal: Killed (process 4711)",
        ),
        (
            "DataLoader worker (pid 4711) is killed by signal: Bus error. It is possible that dataloader's "
            "workers are out of shared memory. Please try to raise your shared memory limit.",
            "killed by signal: Bus error (process 4711)",
        ),
        ("DataLoader worker (pid(s) 12, 13) exited unexpectedly", "exited unexpectedly (process 12, 13)"),
    ],
)
def test_a_dead_worker(text, said):
    """Torch's own three messages; the line says what to try."""
    failure = explain(chained(RuntimeError("underlying"), RuntimeError(text)))
    assert said in failure.text and "--num_workers" in failure.text
    assert (failure.exit_code, failure.expected) == (1, True)


class Broken(Dataset):
    """Its storage is gone when the loader fetches the batch: the worker that sent it died."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> int:
        raise self.error


@pytest.mark.parametrize("error", [ConnectionResetError(104, "Connection reset by peer"), EOFError()])
def test_a_worker_that_dies_while_it_hands_over(error):
    """The loader sees a closed connection; the same error elsewhere is not blamed on a worker."""
    with pytest.raises((ConnectionError, EOFError)) as caught:
        next(iter(DataLoader(Broken(error))))
    failure = explain(caught.value)
    assert failure.text.startswith("a process that loads images exited unexpectedly")
    assert (failure.exit_code, failure.expected) == (1, True)
    assert not explain(type(error)("Connection reset by peer")).expected


def test_a_worker_that_hangs():
    """Torch says after how long; the line says how to see where."""
    failure = explain(RuntimeError("DataLoader timed out after 600 seconds"))
    assert failure.text.startswith("DataLoader timed out after 600 seconds: ") and failure.exit_code == 1
    assert "--num_workers 0" in failure.text and failure.expected


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "no space left on the disk"),
        (errno.EDQUOT, "no space left on the disk"),
        (errno.EACCES, "Permission denied; check the write permissions"),
        (errno.EROFS, "Read-only file system; check the write permissions"),
    ],
)
@pytest.mark.parametrize("path", ["/data/runs/a", None])
def test_what_the_system_refuses(number, said, path):
    """The place, as far as it is known, the reason, and exit code 2."""
    error = OSError(number, os.strerror(number), *([path] if path else []))
    failure = explain(chained(error, RuntimeError("Failed to evaluate")))
    assert failure.text.startswith(f"{path or 'the output folder'}: {said}")
    assert (failure.exit_code, failure.expected) == (2, True)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (chained(KeyError("a"), RuntimeError("outer")), "KeyError: 'a'"),
        (AssertionError(), "AssertionError"),
        (FileNotFoundError(2, "No such file or directory", "x"), "FileNotFoundError: [Errno 2] No such"),
    ],
)
def test_an_unknown_error_is_a_fault_of_ours(error, text):
    """The first of the chain, exit code 1, and its traceback is kept."""
    failure = explain(error)
    assert failure.text.startswith(text) and failure.text == failure.text.strip(" :")
    assert (failure.exit_code, failure.expected) == (1, False)


@given(st.text(), st.sampled_from([0, 1, 2, 3, 4, 5, 6]))
def test_it_is_one_line_whatever_a_file_is_called(text, kind):
    """No text of an error, and no name of a file, makes a second line in a log."""
    error = [
        RuntimeError(text),
        DataError(text),
        OSError(errno.ENOSPC, "No space", text),
        OSError(errno.EACCES, text, text),
        RuntimeError(f"Caught\ncxrtk.errors.DataError: {text}\n"),
        RuntimeError(f"DataLoader timed out {text}"),
        CxrReadError(text, text),
    ][kind]
    assert len(explain(error).text.splitlines()) <= 1


def test_an_unforeseen_error_is_reported_with_its_traceback(capsys):
    """The last line is the error; above it the traceback, and the request to report it."""
    assert report(ZeroDivisionError("division by zero")) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "cxrtk: error: ZeroDivisionError: division by zero"
    assert "please report it" in lines[-2] and "ZeroDivisionError" in lines[0]


def test_a_known_error_is_one_line(capsys):
    """No traceback, no word more."""
    assert report(READ) == 2
    assert capsys.readouterr().err == f"cxrtk: error: {READ}\n"


@pytest.mark.parametrize("checkpoint", [True, False])
def test_the_run_is_noted_as_failed(tmp_path, capsys, checkpoint):
    """With the reason in its record; where a checkpoint lies, the way to go on is said."""
    folder = tmp_path / "a"
    open_run(str(tmp_path), "unet_cxr", "a")
    if checkpoint:
        (folder / "checkpoint_epoch=1.pt").write_bytes(b"")
    report(NonFiniteError("the loss is nan"))
    about = record.read(folder)
    assert (about["status"], about["reason"]) == ("failed", "the loss is nan")
    err = capsys.readouterr().err
    assert ("cxrtk: To continue: " in err) == checkpoint
    assert (f"--resume_from {folder}" in err) == checkpoint
    assert Current.work == Run(folder)


@pytest.mark.parametrize(("error", "code"), [(READ, 2), (ValueError("x"), 1), (KeyboardInterrupt(), 130)])
def test_an_unhandled_error_ends_with_its_code(error, code, capsys):
    """The hook that Python calls last."""
    guard_errors()
    with pytest.raises(SystemExit) as ended:
        sys.excepthook(type(error), error, None)
    assert ended.value.code == code


@pytest.mark.parametrize(
    ("error", "said"), [(ConnectionResetError(104, "reset"), ""), (ValueError("x"), "x")]
)
def test_a_forked_process_does_not_speak_for_its_parent(error, said, capfd):
    """A lost connection in a worker says nothing; another error there is not the parent's last line."""
    guard_errors()
    pid = os.fork()
    if pid == 0:
        sys.excepthook(type(error), error, None)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert capfd.readouterr().err.split()[-1:] == ([said] if said else [])


def test_the_hook_is_given_back():
    """And one that somebody else has set is left alone."""
    guard_errors()
    release_errors()
    assert sys.excepthook is sys.__excepthook__
    before = sys.excepthook
    try:
        sys.excepthook = traceback.print_exception
        release_errors()
        assert sys.excepthook is traceback.print_exception
    finally:
        sys.excepthook = before


def test_every_kind_of_our_errors_is_told_by_its_name():
    """The pattern that looks for them in a worker's text fits the module they are in."""
    for kind in (DataError, NonFiniteError, CheckpointError):
        line = traceback.format_exception_only(kind, kind("what"))[-1]
        assert failures._NAMED.findall(line) == [(kind.__name__, "what")]


@pytest.mark.parametrize("module", ["mlflow_that_is_absent", "mlflow_that_is_absent.client"])
def test_a_package_that_monai_lacks_is_named(module):
    """As ``--tracking mlflow`` says without mlflow: which package, and how to get it, without a traceback."""
    absent, _ = optional_import(module)
    with pytest.raises(ImportError) as caught:
        absent.MlflowClient()
    failure = explain(chained(caught.value, RuntimeError("Failed to instantiate")))
    name = "mlflow_that_is_absent"
    assert failure.text == f"needs the package {name}, which is not installed: pip install {name}"
    assert (failure.exit_code, failure.expected) == (2, True)
