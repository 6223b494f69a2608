"""Requests to a worker process and its answers, over its standard input and output.

A request is a line of JSON; an answer is a line of JSON, which the bytes of an image may follow.
"""

from __future__ import annotations

import io
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

LONGEST_LINE = 1_000_000  # bytes


def ask(worker: subprocess.Popen[bytes], request: dict[str, Any]) -> None:
    """Send a request."""
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(request).encode() + b"\n")
    worker.stdin.flush()


@contextmanager
def deadline(worker: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kill the worker when its time is over, which also ends a read that waits for its answer.

    Raises:
        TimeoutError: The answer did not arrive in time.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        worker.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (EOFError, OSError):
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


def next_line(worker: subprocess.Popen[bytes]) -> bytes:
    """Read up to the next newline."""
    assert worker.stdout is not None
    line = worker.stdout.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise EOFError if len(line) < LONGEST_LINE else ValueError("the answer does not end")
    return line


def fill(worker: subprocess.Popen[bytes], pixels: npt.NDArray[np.float32]) -> None:
    """Read the pixels into their array, which saves a copy or two of a large image."""
    stream, wanted = worker.stdout, pixels.data.cast("B")
    assert isinstance(stream, io.BufferedReader)
    while wanted:
        count = stream.readinto(wanted)
        if not count:
            raise EOFError
        wanted = wanted[count:]
