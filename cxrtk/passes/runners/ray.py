"""Workers that Ray places: on this machine, or on those of a cluster."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from cxrtk.errors import ConfigError
from cxrtk.passes.runners.base import Task
from cxrtk.passes.runners.choose import cores
from cxrtk.passes.runners.crew import Crew, Death
from cxrtk.passes.runners.worker import Order, Report, Worker


class Ray(Crew):
    """Workers that are Ray's actors, one processor core each, and one GPU where the step's device is one.

    Ray restarts none of them by itself: a lost batch is handed out again as by every runner. Its usage
    statistics are off.

    Args:
        order: What workers are started with.
        count: How many; ``None`` for one a core of the machine or the cluster.
        address: Of a running cluster; empty to start Ray on this machine for as long as the pass takes.

    Raises:
        ConfigError: Ray is not installed, or there is no cluster at the address.
    """

    def __init__(self, order: Order, count: int | None, address: str) -> None:
        self.order = order
        self._ray = _import_ray()
        how: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if not address:
            how |= {"num_cpus": count or cores(), "include_dashboard": False}
        try:
            self._ray.init(address=address or "local", **how)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise ConfigError(
                f"--address {address or 'local'}: Ray does not start there: {' '.join(str(error).split())}"
            ) from error
        self.count = count or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._actor = self._ray.remote(Worker).options(**_needs(order))
        self._numbers = itertools.count()
        self._actors: dict[int, Any] = {}
        self._waiting: dict[Future[Report], int] = {}  # what is asked for -> who was asked

    def hire(self) -> int:
        """Ask Ray for an actor; it may come later, where the cluster has no core free."""
        number = next(self._numbers)
        actor = self._actor.remote(self.order)
        self._actors[number] = actor
        self._waiting[actor.start.remote().future()] = number
        return number

    def give(self, worker: int, task: Task) -> None:
        """Send a batch."""
        self._waiting[self._actors[worker].do.remote(task).future()] = worker

    def news(self) -> Sequence[tuple[int, Report | Death]]:
        """Wait for a report, or for the end of an actor.

        It is Python that waits: within `ray.wait`, SIGTERM would become a `KeyboardInterrupt`.
        """
        ready, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
        return [(self._waiting.pop(each), self._hear(each)) for each in ready]

    def dismiss(self) -> None:
        """Kill all, and leave the cluster, or end the Ray that was started here."""
        for actor in self._actors.values():
            self._ray.kill(actor)
        self._actors.clear()
        self._waiting.clear()
        self._ray.shutdown()

    def _hear(self, asked: Future[Report]) -> Report | Death:
        errors = self._ray.exceptions
        try:
            return asked.result()
        except errors.RayTaskError:
            raise  # a fault of ours: a worker reports what a step raises
        except errors.RayError as error:
            return Death(type(error).__name__)


def _import_ray() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.exceptions
    except ModuleNotFoundError as error:
        raise ConfigError(
            "--runner ray needs Ray: pip install cxrtk[ray], or take --runner processes."
        ) from error
    return ray


def _needs(order: Order) -> dict[str, Any]:
    """What Ray is to keep free for each worker."""
    gpus = 1 if str(order.recipe.arguments.get("device", "")).startswith("cuda") else 0
    return {"num_cpus": 1, "num_gpus": gpus, "max_restarts": 0}
