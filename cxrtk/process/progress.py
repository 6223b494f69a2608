"""Progress bars on stderr, shown only on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def track(steps: Iterable[T], name: str, *, total: float | None = None, hidden: bool = False) -> Iterable[T]:
    """Iterate over `steps` with a progress bar.

    Args:
        steps: Iterable to iterate over.
        name: Text before the bar.
        total: Number of steps, if `steps` has no length.
        hidden: Show no bar, as is always the case if stderr is not a terminal.
    """
    from rich import progress
    from rich.console import Console

    console = Console(stderr=True)
    return progress.track(
        steps, f"{name}:", total=total, console=console, disable=hidden or not console.is_terminal
    )
