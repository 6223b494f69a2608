"""Several processes of one training, started as `torchrun` starts them, but forked.

As torchrun's agent does, the parent holds the store in which they meet, and ends all when one has failed.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.distributed import TCPStore

from cxrtk.process.failures import report
from cxrtk.process.signals import SIGNALS, _say
from cxrtk.training.processes import join_processes, leave_processes

PATIENCE = 300.0  # seconds


@dataclass(frozen=True)
class Ended:
    """How the processes ended: exit codes, and all that they said, in the order of the ranks."""

    codes: list[int]
    said: str

    def lines(self) -> list[str]:
        """Lines for the user."""
        return [line for line in self.said.splitlines() if line.startswith("cxrtk: ")]


def start(
    work: Callable[[], object], folder: Path, count: int = 2, *, join: bool = True, **env: str
) -> Ended:
    """Run `work` in `count` processes that have met, unless it is left to them; wait for their end."""
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    shared = {
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(store.port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",
        "TORCHELASTIC_RESTART_COUNT": "0",
        **env,
    }
    sys.stdout.flush()
    sys.stderr.flush()
    children = []
    # Nothing that earlier tests left is finalised here or in the children: C++ destructors may wait
    # for threads, and a child does not have the threads of its parent.
    gc.freeze()
    try:
        for rank in range(count):
            child = os.fork()
            if child == 0:
                os.environ.update(shared, RANK=str(rank), LOCAL_RANK=str(rank))
                _child(work, folder / f"said.{rank}", join)
            children.append(child)
    finally:
        gc.unfreeze()
    codes = _wait(children)
    said = "".join((folder / f"said.{rank}").read_text() for rank in range(count))
    return Ended([codes[child] for child in children], said)


def passed(ended: Ended) -> None:
    """Assert that all processes ended well."""
    assert set(ended.codes) == {0}, ended.said[-4000:]


def _child(work: Callable[[], object], log: Path, join: bool) -> None:
    """Do the work and end the process, as Python does with `guard_errors`."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.stdout = sys.stderr = os.fdopen(file, "w", buffering=1)
    code = 1
    try:
        code = _code_of(work, join)
    except SystemExit as error:  # a signal may come while another error is reported
        code = int(error.code or 0)
    finally:
        if code - 128 in SIGNALS:  # Python's exit handlers do not run here
            _say(code - 128)
        sys.stderr.flush()
        os._exit(code)


def _code_of(work: Callable[[], object], join: bool) -> int:
    """Do the work; report what goes wrong, except an exit."""
    try:
        torch.set_num_threads(1)
        if join:
            join_processes("cpu")
        work()
        if join:
            leave_processes()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the child must not return into the tests
        return report(error)
    return 0


def _wait(children: list[int]) -> dict[int, int]:
    """Wait for the children; when one has failed, stop the others, as torchrun does."""
    codes: dict[int, int] = {}
    until = time.monotonic() + PATIENCE
    while len(codes) < len(children):
        child, status = os.waitpid(-1, os.WNOHANG)
        if child in children:
            codes[child] = os.waitstatus_to_exitcode(status)
            if codes[child]:
                for other in set(children) - set(codes):
                    os.kill(other, signal.SIGTERM)
        elif time.monotonic() > until:
            for other in set(children) - set(codes):
                os.kill(other, signal.SIGKILL)
        else:
            time.sleep(0.02)
    return codes
