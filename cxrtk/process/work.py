"""The current work of this process, as needed by the handlers of signals and unhandled errors."""

from __future__ import annotations

from typing import Protocol


class Work(Protocol):
    """Long work that keeps a record and can be resumed, such as a training run."""

    def ended(self, status: str, reason: str) -> None:
        """Note in the record how the work ended: ``failed`` or ``stopped``, and the reason."""

    def go_on_command(self) -> str:
        """Return the shell command that resumes the work."""

    def has_progress(self) -> bool:
        """Return whether there is progress to resume from."""


class Current:
    """The work of this process; ``None`` where there is none, or none that keeps a record."""

    work: Work | None = None
