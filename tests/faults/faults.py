"""What can go wrong, as functions that build it into the process they are called in."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from typing import Any

import harness
import torch

from cxrtk.data import atomic
from cxrtk.training import checkpoints


def _at(place: str, count: int) -> Any:
    """A function that says whether this is the `count`-th call."""
    calls = {place: 0}

    def now() -> bool:
        calls[place] += 1
        return calls[place] == count

    return now


def kill_in_write(count: int) -> None:
    """SIGKILL when half of the `count`-th file written by `replacing` is on the disk."""
    sync, now = atomic._sync, _at("write", count)

    def half(path: Path) -> None:
        if path.is_file() and now():
            os.truncate(path, path.stat().st_size // 2)
            harness.kill()
        sync(path)

    atomic._sync = half


def kill_at_rename(count: int, after: bool) -> None:
    """SIGKILL just before or just after the `count`-th rename."""
    replace, now = Path.replace, _at("rename", count)

    def fatal(path: Path, target: Path) -> Path:
        hit = now()
        if hit and not after:
            harness.kill()
        result = replace(path, target)
        if hit:
            harness.kill()
        return result

    Path.replace = fatal  # type: ignore[method-assign,assignment]


def kill_at_prune(count: int, after: bool) -> None:
    """SIGKILL just before or just after old checkpoints are removed for the `count`-th time."""
    prune, now = checkpoints.prune, _at("prune", count)

    def fatal(folder: Path, keep: int) -> None:
        hit = now()
        if hit and not after:
            harness.kill()
        prune(folder, keep)
        if hit:
            harness.kill()

    checkpoints.prune = fatal


def signal_in(place: str, number: int, count: int = 1, times: int = 1) -> None:
    """Send a signal to this process in reading, training, validation or a save."""
    now = _at(place, count)

    def send() -> None:
        if now():
            for _ in range(times):
                os.kill(os.getpid(), number)

    if place == "reading":
        load = harness.load
        harness.load = lambda path: (send(), load(path))[1]
    elif place == "save":
        sync = atomic._sync
        atomic._sync = lambda path: (send(), sync(path))[1]
    else:
        forward, training = harness.Net.forward, place == "training"

        def signalled(net: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
            if net.training == training:
                send()
            return forward(net, x)

        harness.Net.forward = signalled  # type: ignore[method-assign]


def busy_when_signalled(number: int, seconds: float) -> None:
    """A signal while the main thread is in one long call that lets no handler run."""
    forward, now = harness.Net.forward, _at("busy", 2)

    def long(net: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
        if now():
            os.kill(os.getpid(), number)
            signal.pthread_sigmask(signal.SIG_BLOCK, [])  # nothing is blocked: the signal is delivered
            _sleep_in_c(seconds)
        return forward(net, x)

    harness.Net.forward = long  # type: ignore[method-assign]


def _sleep_in_c(seconds: float) -> None:
    import ctypes

    ctypes.CDLL(None).usleep(
        int(seconds * 1e6)
    )  # releases the GIL, as torch does, and returns to no bytecode


def disk_full_at(count: int) -> None:
    """No space is left when the `count`-th file is to be written."""
    sync, now = atomic._sync, _at("full", count)

    def full(path: Path) -> None:
        if path.is_file() and now():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        sync(path)

    atomic._sync = full


def no_space_at_start(free: int) -> None:
    """The disk has so many bytes left."""
    usage = atomic.shutil.disk_usage
    atomic.shutil.disk_usage = lambda path: usage(path)._replace(free=free)  # type: ignore[assignment]


def bad_loss(value: float, at: int) -> None:
    """The `at`-th training loss is NaN or infinite."""
    loss, now = torch.nn.BCEWithLogitsLoss.forward, _at("loss", at)

    def bad(self: Any, *inputs: torch.Tensor) -> torch.Tensor:
        good = loss(self, *inputs)
        return good * value if now() else good

    torch.nn.BCEWithLogitsLoss.forward = bad  # type: ignore[method-assign]


def bad_metric(values: list[float]) -> None:
    """The validations' Dice are these."""
    from monai.handlers import IgniteMetricHandler

    each = iter(values)
    IgniteMetricHandler.compute = lambda self: next(each)  # type: ignore[method-assign]


def infinite_image(name: str) -> None:
    """One image file holds infinities."""
    load = harness.load
    harness.load = lambda path: load(path) * (float("inf") if Path(path).name == name else 1)


def bad_image(name: str) -> None:
    """One image file cannot be read, as our readers say it."""
    from cxrtk import CxrReadError

    load = harness.load

    def broken(path: str) -> Any:
        if Path(path).name == name:
            raise CxrReadError(path, "ends after 100 of 4800 bytes", cure="copy it again")
        return load(path)

    harness.load = broken


def bad_image_later(name: str, reads: int) -> None:
    """One image file can be read so many times and no more."""
    from cxrtk import CxrReadError

    load, count = harness.load, {"reads": 0}

    def broken(path: str) -> Any:
        if Path(path).name == name:
            count["reads"] += 1
            if count["reads"] > reads:
                raise CxrReadError(path, "ends after 100 of 4800 bytes", cure="copy it again")
        return load(path)

    harness.load = broken


def killed_worker(name: str) -> None:
    """The worker that reads one image is killed, as the kernel does when memory is short."""
    load, parent = harness.load, os.getpid()

    def fatal(path: str) -> Any:
        if Path(path).name == name and os.getpid() != parent:
            harness.kill()
        return load(path)

    harness.load = fatal


def short_of_memory(name: str) -> None:
    """The worker that reads one image cannot get the memory for it."""
    import resource

    load, parent = harness.load, os.getpid()

    def greedy(path: str) -> Any:
        if Path(path).name == name and os.getpid() != parent:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, used + 2**24))
            bytearray(2**30)
        return load(path)

    harness.load = greedy


def hanging_worker(name: str, timeout: float) -> None:
    """The worker that reads one image never comes back."""
    load, parent, loader = harness.load, os.getpid(), harness.DataLoader

    def hangs(path: str) -> Any:
        if Path(path).name == name and os.getpid() != parent:
            time.sleep(600)
        return load(path)

    harness.load = hangs
    harness.DataLoader = lambda data, **settings: loader(data, timeout=timeout, **settings)  # type: ignore[misc]


def slow(seconds: float) -> None:
    """Each training step takes a while."""
    forward = harness.Net.forward

    def slowly(net: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
        time.sleep(seconds)
        return forward(net, x)

    harness.Net.forward = slowly  # type: ignore[method-assign]


def curves_fail() -> None:
    """TensorBoard's disk is full."""
    from torch.utils.tensorboard import SummaryWriter

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    SummaryWriter.add_scalar = full  # type: ignore[method-assign]


def clock(jump: float) -> None:
    """The clock was set by so many seconds."""
    now = time.time
    time.time = lambda: now() + jump
    from cxrtk.process import lock
    from cxrtk.training import keeper, record

    for module in (lock, keeper, record):
        module.now = lambda: time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time()))


def no_network(attempt: bool = False) -> None:
    """Every connection and every look-up of a host's name is an error."""
    import socket

    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("no network here")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.socket.bind = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse  # type: ignore[assignment]
    if attempt:
        load = harness.load
        harness.load = lambda path: (socket.create_connection(("localhost", 9)), load(path))[1]
