"""Worker processes of `cxrtk`, forked from one that has imported what they need, as a start takes a second.

The code that they run is the same; with ``--real-workers`` they are started as users have them started.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OF_US = "cxrtk."  # the modules that may be forked
SERVER = [sys.executable, "-c", "import sys; from tests.golden.forks import serve; serve(sys.argv[1])"]


class Forked:
    """What `subprocess.Popen` is to a worker: its pipes, and how it ends."""

    def __init__(self, place: str, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self.returncode: int | None = None
        for_child, ours = os.pipe()
        theirs, from_child = os.pipe()
        self.stdin, self.stdout = os.fdopen(ours, "wb"), os.fdopen(theirs, "rb")
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(place)
        asked = {"words": list(words), "folder": str(Path.cwd()), "environment": dict(environment)}
        socket.send_fds(self._line, [json.dumps(asked).encode() + b"\n"], [for_child, from_child])
        os.close(for_child)
        os.close(from_child)
        self._answers = self._line.makefile("rb")
        self.pid = int(self._answers.readline())

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; the signal that killed it counts negative."""
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked worker", timeout or 0.0)
            self.returncode = int(self._answers.readline())
            self._answers.close()
            self._line.close()
        return self.returncode

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


@contextmanager
def serving(place: Path, plugins: Path) -> Iterator[str]:
    """A server that forks workers; gives where it listens.

    Args:
        place: Where its socket may lie; a short path.
        plugins: Folder of plugins that the workers know.
    """
    paths = os.pathsep.join(filter(None, sys.path))
    more = {"CXRTK_PLUGINS": str(plugins), "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    server = subprocess.Popen(
        [*SERVER, str(place)], env={**os.environ, **more}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None and server.stdout is not None
    try:
        assert server.stdout.readline() == b"ready\n", "the server of workers did not start"
        yield str(place)
    finally:
        server.stdin.close()
        server.wait()
        server.stdout.close()


@contextmanager
def forking(place: str) -> Iterator[None]:
    """While it lasts, modules of `cxrtk` that are started as processes are forked by a server."""
    real = subprocess.Popen

    def start(words: Any, *more: Any, **how: Any) -> Any:
        if list(words[:2]) == [sys.executable, "-m"] and words[2].startswith(OF_US):
            return Forked(place, words[2:], how.get("env") or os.environ)
        return real(words, *more, **how)

    subprocess.Popen = start  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        subprocess.Popen = real  # type: ignore[misc]


def serve(place: str) -> None:
    """Fork a worker for whoever asks, until standard input ends, as it does when who started this dies."""
    from cxrtk import readers

    for name in readers.names():  # imports what reads files
        readers.get(name)
    line = socket.socket(socket.AF_UNIX)
    line.bind(place)
    line.listen()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while sys.stdin not in select.select([line, sys.stdin], [], [])[0]:
        asker, _ = line.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            line.close()
            _answer(asker)
        asker.close()


def _answer(asker: socket.socket) -> None:
    """Fork the worker, and tell its number and how it ended; does not return."""
    text, pipes, _, _ = socket.recv_fds(asker, 1_000_000, 2)
    while not text.endswith(b"\n"):
        text += asker.recv(1_000_000)
    pid = os.fork()
    if pid == 0:
        asker.close()
        _work(json.loads(text), pipes)
    for pipe in pipes:
        os.close(pipe)
    asker.sendall(b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    asker.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _work(asked: dict[str, Any], pipes: Sequence[int]) -> None:
    """Be the worker; does not return."""
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    nothing = os.open(os.devnull, os.O_WRONLY)
    for target, source in enumerate([*pipes, nothing]):
        os.dup2(source, target)
        os.close(source)
    sys.argv = list(asked["words"])
    try:
        runpy.run_module(asked["words"][0], run_name="__main__")
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - as an interpreter ends
        code = 1
    os._exit(code)
