"""Progress bar on stderr."""

from __future__ import annotations

import time


class Bar:
    """A progress bar on stderr with the throughput, in images or another unit per second, and the time left.

    With an empty unit, the throughput is omitted.
    """

    def __init__(self, name: str, *, hidden: bool, unit: str = "images") -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn(f"{name}:"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=hidden,
        )
        self._task = self._bar.add_task(name, total=None, speed="")
        self._unit = unit
        self._shown = False
        self._started = time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown:  # an error before the start of the work is shown without a bar
            self._bar.stop()

    def begin(self, total: float) -> None:
        """Set the total amount of work, and show the bar."""
        self._bar.start()
        self._shown = True
        self._bar.update(self._task, total=total)

    def advance(self, count: float) -> None:
        """Advance the bar by an amount of work."""
        self._bar.advance(self._task, count)
        done = self._bar.tasks[0].completed
        speed = done / max(time.monotonic() - self._started, 1e-3)
        self._bar.update(self._task, speed=f"{speed:.1f} {self._unit}/s" if self._unit else "")
