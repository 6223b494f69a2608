"""How a pass is run; none of it but the batch size decides an output."""

from __future__ import annotations

from dataclasses import dataclass

from cxrtk.errors import ConfigError

ON_ERROR = ("skip", "stop")


@dataclass(frozen=True)
class Options:
    """How a pass is run.

    Attributes:
        batch_size: Radiographs that are given to a step at a time.
        num_parts: Machines or processes that share the work; each takes every num_parts-th batch.
        part_id: Which of them this is, from 0.
        go_on: Continue what is in the output folder.
        on_error: ``skip`` a file that cannot be read, or ``stop``.
        hint: How a user goes on where a signal stopped the pass.

    Raises:
        ConfigError: One of them makes no sense.
    """

    batch_size: int = 4
    num_parts: int = 1
    part_id: int = 0
    go_on: bool = False
    on_error: str = "skip"
    hint: str = ""

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ConfigError(f"The batch size must be at least 1, not {self.batch_size}.")
        if self.num_parts < 1 or not 0 <= self.part_id < self.num_parts:
            raise ConfigError(
                f"Part {self.part_id} of {self.num_parts}: parts are counted from 0 to {self.num_parts - 1}."
            )
        if self.on_error not in ON_ERROR:
            raise ConfigError(f"on_error must be one of {', '.join(ON_ERROR)}, not {self.on_error!r}.")
