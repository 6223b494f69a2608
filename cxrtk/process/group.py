"""The processes of one training, as `torchrun` starts them: the rank of this one, and messages between them.

A single process is the first in a group of one. Messages between the processes are texts in torch's
rendezvous store; nothing is pickled, and torch is not imported here.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol

FAILED = "cxrtk/failed"
PAUSE_SECONDS = 0.05  # interval of polling the store; a blocking wait would delay the handling of signals


class Store(Protocol):
    """Protocol of the methods of `torch.distributed.Store` that are used here."""

    def set(self, key: str, value: str) -> None:
        """Set a key."""

    def get(self, key: str) -> bytes:
        """Return the value of a key."""

    def check(self, keys: list[str]) -> bool:
        """Return whether all keys are set."""

    def compare_set(self, key: str, expected: str, desired: str) -> bytes:
        """Set a key if it is not set yet and `expected` is empty; return its value."""


class Group:
    """Place of this process among those of the training.

    Attributes:
        rank: Number of this process, from 0.
        size: Number of processes, on all machines together.
        store: Store in which they meet; ``None`` for a process alone.
    """

    rank = 0
    size = 1
    store: Store | None = None
    messages: ClassVar[Counter[str]] = Counter()


def join(rank: int, size: int, store: Store) -> None:
    """Make this process one of several."""
    Group.rank, Group.size, Group.store = rank, size, store
    Group.messages = Counter()


def leave() -> None:
    """Make this process alone again."""
    Group.rank, Group.size, Group.store = 0, 1, None


def is_first() -> bool:
    """Return whether this process is the first one, the only one that writes files and prints messages."""
    return Group.rank == 0


def by_first(name: str, work: Callable[[], Any]) -> Any:
    """Let the first process do some work, and return its result in all processes.

    Args:
        name: Name of the work; all processes must request works of one name in the same order.
        work: Function that returns a JSON-serialisable result.

    Raises:
        SystemExit: The work ended the first process or failed there; raised in the others, without a message.
    """
    if Group.store is None:
        return work()
    key = _key(name)
    if is_first():
        try:
            value = work()
        except BaseException as error:
            code = error.code if isinstance(error, SystemExit) else getattr(error, "exit_code", 1)
            Group.store.set(key, json.dumps({"exit": code}))
            raise
        Group.store.set(key, json.dumps({"value": value}))
        return value
    said = json.loads(_wait(key))
    if "exit" in said:
        raise SystemExit(said["exit"])
    return said["value"]


@contextmanager
def first_of_machine(name: str) -> Iterator[None]:
    """Let the first process of each machine run a block before the others of that machine."""
    if Group.store is None:
        yield
        return
    key = _key(f"{name} of machine {os.environ.get('GROUP_RANK', '0')}")
    if os.environ.get("LOCAL_RANK", "0") != "0":
        _wait(key)
        yield
        return
    yield
    Group.store.set(key, "done")


def may_tell(text: str) -> bool:
    """Return whether this process is the one that reports to the user why the training ends.

    It is the first one to fail; the others then fail too, since they wait for it in vain.

    Args:
        text: Reason for the end of the training.
    """
    if Group.store is None:
        return True
    try:
        return Group.store.compare_set(FAILED, "", f"{Group.rank} {text}") == f"{Group.rank} {text}".encode()
    except Exception:  # noqa: BLE001 - of any kind: the store died with the process that held it
        return is_first()


def told() -> str | None:
    """Return the failure of another process that ends this training; ``None`` where none has failed."""
    try:
        if Group.store is None or not Group.store.check([FAILED]):
            return None
        rank, _, text = Group.store.get(FAILED).decode().partition(" ")
    except Exception:  # noqa: BLE001 - of any kind: the store died with the process that held it
        return None
    return None if rank == str(Group.rank) else f"rank {rank}: {text}"


def _key(name: str) -> str:
    Group.messages[name] += 1
    return f"cxrtk/{name}/{Group.messages[name]}"


def _wait(key: str) -> bytes:
    assert Group.store is not None
    while not Group.store.check([key]):
        time.sleep(PAUSE_SECONDS)
    return Group.store.get(key)
