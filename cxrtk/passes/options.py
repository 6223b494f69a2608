"""Options of a pass; only the batch size affects the outputs."""

from __future__ import annotations

from dataclasses import dataclass

from cxrtk.errors import ConfigError

ON_ERROR = ("skip", "stop")


@dataclass(frozen=True)
class Options:
    """Options of a pass.

    Attributes:
        batch_size: Number of radiographs per call of the step.
        num_parts: Number of machines or processes that share the work; each takes every num_parts-th batch.
        part_id: Index of this part, from 0.
        go_on: Continue an earlier pass in the output folder.
        on_error: ``skip`` files that cannot be read, or ``stop`` at the first one.
        hint: Instructions for continuing after a signal, for the message to the user.

    Raises:
        ConfigError: An option is invalid.
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
