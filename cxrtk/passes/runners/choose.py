"""Selection of the runner named by the user, with its options."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxrtk.errors import ConfigError
from cxrtk.passes.recipe import Recipe

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cxrtk.passes.runners.base import Runner

LOCAL, PROCESSES, RAY = "local", "processes", "ray"
RUNNERS = (LOCAL, PROCESSES, RAY)


@dataclass(frozen=True)
class Choice:
    """Runner of a pass, with its options.

    Attributes:
        runner: ``local``, ``processes`` or ``ray``.
        processes: Number of worker processes; ``None`` for one per CPU core of this machine or of the Ray
            cluster.
        address: Address of a Ray cluster, such as ``auto``; empty to start Ray on this machine.

    Raises:
        ConfigError: The options are incompatible.
    """

    runner: str = LOCAL
    processes: int | None = None
    address: str = ""

    def __post_init__(self) -> None:
        if self.runner not in RUNNERS:
            raise ConfigError(f"--runner must be one of {', '.join(RUNNERS)}, not {self.runner!r}.")
        if self.processes is not None and self.runner == LOCAL:
            raise ConfigError("--processes needs --runner processes or ray; --workers are those that read.")
        if self.processes is not None and self.processes < 1:
            raise ConfigError(f"--processes must be at least 1, not {self.processes}.")
        if self.address and self.runner != RAY:
            raise ConfigError("--address is that of a Ray cluster: add --runner ray.")

    def start(self, recipe: Recipe) -> AbstractContextManager[Runner | None]:
        """Make the runner, as a context manager; ``None`` to use this process.

        Raises:
            ConfigError: Ray is not installed, or there is no cluster at the address.
        """
        if self.runner == LOCAL:
            return nullcontext(None)
        from cxrtk.passes.runners.crew import Crew, CrewRunner
        from cxrtk.passes.runners.worker import Order

        order = Order(recipe)
        if self.runner == PROCESSES:
            from cxrtk.passes.runners.processes import Processes

            crew: Crew = Processes(order)
            count = self.processes or cores()
        else:
            from cxrtk.passes.runners.ray import Ray

            on_ray = Ray(order, self.processes, self.address)
            crew, count = on_ray, on_ray.count
        return CrewRunner(crew, count, recipe)


def cores() -> int:
    """Return the number of CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
