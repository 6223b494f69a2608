"""Workers scheduled by Ray, on this machine or on a cluster."""

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
    """Ray actors as workers, with one CPU core each, and one GPU if the step uses one.

    Ray does not restart them: lost batches are handled as by every other runner. Usage statistics of Ray are
    disabled.

    Args:
        order: Data for starting a worker.
        count: Number of workers; ``None`` for one per CPU core of the machine or the cluster.
        address: Address of a running cluster; empty to start Ray on this machine for the duration of the
            pass.

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
        self._waiting: dict[Future[Report], int] = {}  # pending result -> worker

    def hire(self) -> int:
        """Request an actor from Ray; it starts later if no core of the cluster is free."""
        number = next(self._numbers)
        actor = self._actor.remote(self.order)
        self._actors[number] = actor
        self._waiting[actor.start.remote().future()] = number
        return number

    def give(self, worker: int, task: Task) -> None:
        """Send a batch to an actor."""
        self._waiting[self._actors[worker].do.remote(task).future()] = worker

    def news(self) -> Sequence[tuple[int, Report | Death]]:
        """Wait for a report, or for the end of an actor.

        The wait is implemented in Python, since SIGTERM within `ray.wait` would become a `KeyboardInterrupt`.
        """
        ready, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
        return [(self._waiting.pop(each), self._hear(each)) for each in ready]

    def dismiss(self) -> None:
        """Kill all actors, and disconnect from the cluster or stop the Ray instance that was started here."""
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
            raise  # an internal error: workers report the errors raised by a step
        except errors.RayError as error:
            return Death(type(error).__name__)


def _import_ray() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.exceptions
    except ModuleNotFoundError as error:
        raise ConfigError(
            "--runner ray needs Ray: pip install cxrtk[ray], or use --runner processes."
        ) from error
    return ray


def _needs(order: Order) -> dict[str, Any]:
    """Return the resources that Ray reserves for each worker."""
    gpus = 1 if str(order.recipe.arguments.get("device", "")).startswith("cuda") else 0
    return {"num_cpus": 1, "num_gpus": gpus, "max_restarts": 0}
