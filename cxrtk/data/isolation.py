"""Read files in a separate process, so that a crash, a hang or excessive memory affects one file only.

The decoders of compressed pixels are C libraries that parse untrusted bytes. A worker process runs them with
limits on time and memory, and is reused as long as it behaves, so that imports are paid for once.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from cxrtk.api import Label, Radiograph, Reader
from cxrtk.data.worker_pipe import ask, deadline, fill, next_line
from cxrtk.errors import ConfigError, CxrReadError, DataError
from cxrtk.process import address_space
from cxrtk.registry import readers

TIMEOUT_SECONDS = 30.0
MEMORY_GB = 2.0
START_SECONDS = 120.0  # time for imports on a busy machine
ROOM = 350_000_000  # bytes required below a system limit, for the decoders, imported later, and an image
NEEDED_GB = 0.5  # known to suffice for ordinary files
LONGEST_REASON = 300
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # each thread takes address space

logger = logging.getLogger(__name__)


class IsolatedReader(Reader):
    """Reader that runs `read` in a worker process; use it in a ``with`` statement.

    Labels are read in this process, as they come from a trusted source. On systems other than Linux only time
    is limited, not memory.

    Args:
        name: Name of the reader plugin.
        arguments: Arguments of the reader, as JSON values.
        timeout: Time limit per file in seconds.
        memory_gb: Memory limit per file above the worker's own needs, in 10^9 bytes.
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
        # the module saves the worker a search for plugins
        module = readers.get(name).__module__
        self._made_by = {"name": name, "arguments": dict(arguments), "module": module}
        self.timeout = timeout
        self.memory = int(memory_gb * 1e9)
        self.started = 0  # workers started so far: 1, plus one for each replacement
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> IsolatedReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the worker, which otherwise starts at the first `read`.

        Raises:
            ConfigError: The system's memory limit is too low for the worker.
            DataError: The worker does not start.
        """
        self._running()

    def items(self) -> list[dict[str, Any]]:
        """Return the items of the reader."""
        return self.reader.items()

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the label by the reader, in this process."""
        return self.reader.read_label(item)

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether the reader has a label for the item."""
        return self.reader.has_label(item)

    def ignored(self) -> int:
        """Return the reader's count of ignored files."""
        return self.reader.ignored()

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the reader's files for the item."""
        return self.reader.files(item)

    def read(self, path: str | Path) -> Radiograph:
        """Read one radiograph in the worker.

        Raises:
            CxrReadError: The reader refuses the file; or its decoder crashed, timed out, or exceeded the
                memory.
            ConfigError: The system's memory limit is too low for the worker to start, whatever the file.
            DataError: The worker does not start.
        """
        try:
            return self._read(path)
        except _Killed:  # not by a decoder: memory may be low because of another file
            try:
                return self._read(path)
            except _Killed as error:
                raise CxrReadError(
                    path,
                    "the process that read it was killed twice, perhaps for lack of memory",
                    cure="use fewer --workers, or allow more memory",
                    code="crashed",
                ) from error

    def _read(self, path: str | Path) -> Radiograph:
        worker = self._running()
        try:
            with deadline(worker, self.timeout):
                ask(worker, {"path": str(path), "memory": self.memory})
                header = json.loads(next_line(worker))
                if "error" in header:
                    raise _as_it_was(CxrReadError, **header["error"])
                pixels = np.empty(header["shape"], np.float32)
                fill(worker, pixels)
        except TimeoutError:
            self.close(kill=True)
            raise CxrReadError(
                path,
                f"took longer than {self.timeout:g} s",
                cure="inspect it separately; it may be damaged or malicious",
                code="timeout",
            ) from None
        except (EOFError, OSError, ValueError, KeyError) as error:
            how, limit = self._death(), address_space.stated()
            if how == "SIGKILL":
                raise _Killed from error
            if limit and how == "exit code 1":  # Python's own end, too short of memory to say why
                raise CxrReadError(
                    path,
                    f"needs more memory than is allowed, {limit}",
                    cure="read it alone, with a higher limit",
                    code="too_large",
                ) from error
            raise CxrReadError(
                path,
                f"its decoder crashed ({', '.join(filter(None, (how, limit)))})",
                cure="inspect it separately; it may be damaged",
                code="crashed",
            ) from error
        spacing = header["spacing_mm"]
        return Radiograph(
            pixels=pixels,
            spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
            spacing_source=header["spacing_source"],
            meta=header["meta"],
        )

    def close(self, kill: bool = False) -> None:
        """End the worker; the next `read` starts a new one."""
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
                pass  # already dead
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
        with tempfile.TemporaryFile() as said:  # used until the first file is read, see the worker
            try:
                worker = subprocess.Popen(
                    [sys.executable, "-m", "cxrtk.data.isolated_worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                )
            except OSError as error:
                if error.errno not in (errno.ENOMEM, errno.EAGAIN):
                    raise
                raise _no_room(str(error.strerror)) from error
            self.started += 1
            self._worker = worker
            try:
                with deadline(worker, START_SECONDS):
                    ask(worker, self._made_by)
                    ready = json.loads(next_line(worker))
            except (EOFError, OSError) as error:
                how = self._death()
                if isinstance(error, TimeoutError):  # it was killed for that
                    how = f"no answer within {START_SECONDS:g} s"
                said.seek(0)
                raise self._unstarted(how, said.read().decode(errors="replace")) from error
        if ready["room"] is not None and ready["room"] < ROOM:
            self.close(kill=True)
            raise _no_room(f"{max(ready['room'], 0) // 1_000_000} MB are left when it has started")
        return worker

    def _unstarted(self, how: str, said: str) -> DataError | ConfigError:
        """Return the error for a worker that did not start, from its exit status and its output."""
        lacking = address_space.tells_lack(said) or how == "SIGKILL"
        if lacking or (address_space.limit() is not None and (how.startswith("SIG") or not said.strip())):
            return _no_room(how)
        last = (said.strip().splitlines() or [""])[-1][:LONGEST_REASON]
        return DataError(
            f"The process that reads images does not start ({how}): "
            f"can the reader {self._made_by['name']!r} be made in another process? {last}".rstrip()
        )

    def _death(self) -> str:
        """Describe how the worker ended, and forget it."""
        worker = self._worker
        assert worker is not None
        try:
            code = worker.wait(1)
        except subprocess.TimeoutExpired:
            code = 0
        self.close(kill=True)
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


class _Killed(Exception):
    """The worker was ended by SIGKILL, sent by the system or a user."""


def _no_room(how: str) -> ConfigError:
    """Return the error for a worker without enough memory, whatever the file."""
    limit = address_space.stated() or "with the memory that is left, or that its container may have"
    return ConfigError(
        f"The process that reads images cannot work {limit}: {how}. Allow at least {NEEDED_GB:g} GB for each "
        "process, or use fewer --workers."
    )


def _as_it_was(kind: type[CxrReadError], path: str, what: str, **more: Any) -> CxrReadError:
    """Recreate the worker's error, with its code."""
    return kind(path, what, **more)
