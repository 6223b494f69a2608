"""The work of this process that whoever ends it has to know of: a signal, or an error that nobody caught."""

from __future__ import annotations

from typing import Protocol


class Work(Protocol):
    """Long work that keeps a record and can go on later, such as a training run."""

    def ended(self, status: str, reason: str) -> None:
        """Note in its record how it ended: ``failed`` or ``stopped``, and why."""

    def go_on_command(self) -> str:
        """The shell command that goes on with it."""

    def has_progress(self) -> bool:
        """Whether there is anything to go on from."""


class Current:
    """The work of this process; ``None`` where there is none, or none that keeps a record."""

    work: Work | None = None
