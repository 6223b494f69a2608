"""Any error as one line and one exit code."""

import errno

import pytest

from cxrtk import CheckpointError, CxrReadError, DataError, NonFiniteError
from cxrtk.process.failures import explain

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
    name = "mlflow_that_is_absent"
    assert failure.text == f"needs the package {name}, which is not installed: pip install {name}"
    assert failure.exit_code == 2 and failure.expected
