"""Read files in a process of its own, so that one that crashes, hangs or eats memory costs one file.

The decoders of compressed pixels are C libraries that parse foreign bytes. A worker process runs them, with
limits of time and memory; it lives as long as it behaves, so that its imports are paid once.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from cxrtk.api import Label, Radiograph, Reader
from cxrtk.errors import CxrReadError, DataError
from cxrtk.registry import readers

TIMEOUT_SECONDS = 30.0
MEMORY_GB = 2.0
START_SECONDS = 120.0  # imports, on a busy machine
LONGEST_HEADER = 1_000_000

logger = logging.getLogger(__name__)


class IsolatedReader(Reader):
    """A reader plugin whose `read` runs in a worker process; use it in a ``with`` statement.

    Labels are read in this process: they are made by whoever trains. On systems other than Linux memory is
    not limited, only time.

    Args:
        name: Name of the reader.
        arguments: Its arguments, values that JSON can hold.
        timeout: Seconds a file may take.
        memory_gb: What a file may take above the worker's own needs, in 10^9 bytes.
    """

    def __init__(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        timeout: float = TIMEOUT_SECONDS,
        memory_gb: float = MEMORY_GB,
    ) -> None:
        if timeout <= 0 or memory_gb <= 0:
            raise ValueError(f"timeout and memory_gb must be positive, not {timeout} and {memory_gb}.")
        self.reader = readers.create(name, **arguments)
        self._made_by = {"name": name, "arguments": dict(arguments)}
        self.timeout = timeout
        self.memory = int(memory_gb * 1e9)
        self.started = 0  # workers so far: 1, and one more for each that had to be replaced
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> IsolatedReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the worker, which else happens at the first `read`.

        Raises:
            DataError: It does not start.
        """
        self._running()

    def items(self) -> list[dict[str, Any]]:
        """Those of the reader."""
        return self.reader.items()

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """That of the reader, in this process."""
        return self.reader.read_label(item)

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """As the reader says."""
        return self.reader.has_label(item)

    def ignored(self) -> int:
        """As the reader says."""
        return self.reader.ignored()

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """As the reader says."""
        return self.reader.files(item)

    def read(self, path: str | Path) -> Radiograph:
        """Read one radiograph in the worker.

        Raises:
            CxrReadError: The reader refuses it; or its decoder crashed, took too long, or wanted too much.
        """
        worker = self._running()
        until = time.monotonic() + self.timeout
        try:
            self._ask(worker, {"path": str(path), "memory": self.memory})
            header = json.loads(self._line(worker, until))
            if "error" in header:
                raise _as_it_was(CxrReadError, **header["error"])
            height, width = header["shape"]
            content = self._bytes(worker, 4 * height * width, until)
        except TimeoutError:
            self.close(kill=True)
            raise CxrReadError(
                path,
                f"took longer than {self.timeout:g} s",
                cure="look at it alone; it may be damaged or hostile",
                code="timeout",
            ) from None
        except (EOFError, OSError, ValueError, KeyError) as error:
            how = self._death()
            raise CxrReadError(
                path,
                f"its decoder crashed ({how})",
                cure="look at it alone; it may be damaged",
                code="crashed",
            ) from error
        pixels = np.frombuffer(content, dtype=np.float32).reshape(height, width).copy()
        spacing = header["spacing_mm"]
        return Radiograph(
            pixels=pixels,
            spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
            spacing_source=header["spacing_source"],
            meta=header["meta"],
        )

    def close(self, kill: bool = False) -> None:
        """End the worker; the next `read` starts another."""
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        if kill:
            worker.kill()
        for pipe in (worker.stdin, worker.stdout):
            try:
                assert pipe is not None
                pipe.close()
            except BrokenPipeError:
                pass  # it is dead
        try:
            worker.wait(5)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()

    # The worker

    def _running(self) -> subprocess.Popen[bytes]:
        if self._worker is None:
            self._worker = self._start()
        return self._worker

    def _start(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "cxrtk.data.isolated_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders write there what they like, a patient's name among it
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.started += 1
        assert worker.stdin is not None and worker.stdout is not None
        os.set_blocking(worker.stdout.fileno(), False)
        self._worker = worker
        try:
            self._ask(worker, self._made_by)
            self._line(worker, time.monotonic() + START_SECONDS)
        except (EOFError, OSError, TimeoutError) as error:
            how = self._death()
            raise DataError(
                f"The process that reads images does not start ({how}): "
                f"can the reader {self._made_by['name']!r} be made in another process?"
            ) from error
        return worker

    def _death(self) -> str:
        """How the worker ended, in words; afterwards there is none."""
        worker = self._worker
        assert worker is not None
        try:
            code = worker.wait(1)
        except subprocess.TimeoutExpired:
            code = 0
        self.close(kill=True)
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _ask(self, worker: subprocess.Popen[bytes], request: dict[str, Any]) -> None:
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(request).encode() + b"\n")
        worker.stdin.flush()

    def _line(self, worker: subprocess.Popen[bytes], until: float) -> bytes:
        """Up to the next newline; the worker sends nothing of its own accord after it."""
        line = b""
        while not line.endswith(b"\n"):
            if len(line) > LONGEST_HEADER:
                raise ValueError("the answer does not end")
            line += self._some(worker, 1, until)
        return line

    def _bytes(self, worker: subprocess.Popen[bytes], count: int, until: float) -> bytearray:
        content = bytearray()
        while len(content) < count:
            content += self._some(worker, count - len(content), until)
        return content

    def _some(self, worker: subprocess.Popen[bytes], most: int, until: float) -> bytes:
        assert worker.stdout is not None
        while True:
            found = worker.stdout.read(most)
            if found:
                return found
            if found == b"":
                raise EOFError
            left = until - time.monotonic()
            if left <= 0 or not select.select([worker.stdout], [], [], left)[0]:
                raise TimeoutError


def _as_it_was(kind: type[CxrReadError], path: str, what: str, **more: Any) -> CxrReadError:
    """The worker's error, with the code that it has there."""
    return kind(path, what, **more)
