"""What the tests ask the fork server for, and how they read the answer."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from harness import Plan

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, negative for a signal, and what it wrote."""

    code: int
    text: str
    seconds: float

    @property
    def last_line(self) -> str:
        """The last line that is not empty."""
        return [line for line in self.text.splitlines() if line.strip()][-1]


class Server:
    """The process of server.py."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def ask(self, request: dict[str, Any]) -> int:
        """Send one line, read one."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: int = json.loads(self.process.stdout.readline())
        return answer

    def stop(self) -> None:
        """End the process."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def start(self, plan: Plan) -> Running:
        """Start a training."""
        output = Path(plan.folder) / f"output-{time.monotonic_ns()}.txt"
        pid = self.ask({"plan": dataclasses.asdict(plan), "output": str(output)})
        return Running(self, pid, output)

    def run(self, plan: Plan, limit: float = 60) -> Ended:
        """Run a training to its end."""
        return self.start(plan).wait(limit)


@dataclass(frozen=True)
class Running:
    """A training that goes on in another process."""

    server: Server
    pid: int
    output: Path

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def text(self) -> str:
        """What it has written so far."""
        return self.output.read_text() if self.output.exists() else ""

    def wait(self, limit: float = 60) -> Ended:
        """Wait for its end; more than `limit` seconds are a hang, which no fault may cause."""
        hung = threading.Event()
        timer = threading.Timer(limit, lambda: (hung.set(), self.send(signal.SIGKILL)))
        timer.start()
        began = time.monotonic()
        code = self.server.ask({"wait": self.pid})
        timer.cancel()
        timer.join()
        assert not hung.is_set(), f"still running after {limit} s:\n{self.text()}"
        return Ended(code, self.text(), time.monotonic() - began)


def until(condition: Callable[[], bool], limit: float = 30) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def weights_hash(path: Path) -> str:
    """SHA-256 of the names and bytes of all weights of a checkpoint."""
    digest = hashlib.sha256()
    for name, tensor in torch.load(path, weights_only=True)["model"].items():
        digest.update(name.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()
