"""Requests and answers of a worker process, over its pipes."""

import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest

from cxrtk.data.worker_pipe import LONGEST_LINE, ask, deadline, fill, next_line

ECHO = "import sys; [sys.stdout.buffer.write(each) or sys.stdout.flush() for each in sys.stdin.buffer]"


@contextmanager
def running(program):
    """A Python program whose input and output are pipes; it is killed in the end."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def test_a_request_is_a_line_of_json():
    """A line break within it is escaped, so that the answer is one line too."""
    with running(ECHO) as worker:
        ask(worker, {"path": "a\nb", "memory": 5})
        assert next_line(worker) == b'{"path": "a\\nb", "memory": 5}\n'


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("", EOFError),
        ("print('{', end='')", EOFError),
        (f"print('x' * {LONGEST_LINE + 1})", ValueError),
    ],
    ids=["nothing", "half a line", "a line that does not end"],
)
def test_an_answer_that_is_no_line(program, error):
    """A worker that has ended is told apart from one that never stops talking."""
    with running(program) as worker, pytest.raises(error):
        next_line(worker)


def test_pixels_follow_the_line():
    """They are read into the array, whatever its shape, in the order of its rows."""
    program = (
        "import sys, numpy; print('{}', flush=True); sys.stdout.buffer.write(numpy.arange(6, dtype='f4'))"
    )
    pixels = np.zeros((2, 3), np.float32)
    with running(program) as worker:
        assert next_line(worker) == b"{}\n"
        fill(worker, pixels)
    assert pixels.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_too_few_pixels():
    """The worker ended within an image."""
    with running("print('123', end='')") as worker, pytest.raises(EOFError):
        fill(worker, np.zeros((2, 2), np.float32))


def test_a_worker_that_does_not_answer_is_killed_at_the_deadline():
    """Waiting for its answer ends with it."""
    with running("import time; time.sleep(600)") as worker:
        began = time.monotonic()
        with pytest.raises(TimeoutError), deadline(worker, 0.2):
            next_line(worker)
        assert time.monotonic() - began < 60
        assert worker.wait(60) != 0


def test_an_error_before_the_deadline_stays_what_it_is():
    """Only what the deadline caused is a timeout."""
    with running("") as worker, pytest.raises(EOFError), deadline(worker, 600):
        next_line(worker)
