"""One log line per epoch; the lines of Ignite's and MONAI's engines are shown with --verbose."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from ignite.engine import Engine
from monai.handlers.utils import from_engine

logger = logging.getLogger(__name__)


def verbose() -> bool:
    """Return whether every step is logged, as with ``cxrtk --verbose`` or a ``logging.conf`` at DEBUG."""
    return logging.getLogger("cxrtk").isEnabledFor(logging.DEBUG)


def quieten(engine: Engine) -> None:
    """Drop the engine's own log lines, except for warnings, unless `verbose`."""
    engine.logger.addFilter(_is_for_the_user)


def _is_for_the_user(message: logging.LogRecord) -> bool:
    return message.levelno > logging.INFO or verbose()


class EpochLog:
    """Logs an epoch in one line: number, loss, key metric of the validation, duration, and time left.

    Args:
        clock: Clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._began = self._last = clock()
        self._epochs = 0
        self._zero_told = False

    def start(self) -> None:
        """Start the clock; earlier epochs of a resumed run, and reading before the start, do not count."""
        self._began = self._last = self.clock()

    def say(self, engine: Engine, validator: Any = None, *, best: bool = False) -> None:
        """Log the epoch that the trainer has completed.

        Args:
            engine: The trainer.
            validator: Its evaluator, if this epoch was validated.
            best: Whether the validation was the best so far.
        """
        now = self.clock()
        self._epochs += 1
        parts = [f"loss {_loss(engine):.4f}"]
        name = validator.state.key_metric_name if validator is not None else None
        value = float(validator.state.metrics[name]) if name is not None else None
        if value is not None:
            parts.append(f"validation {name} {value:.4f}{' (the best so far)' if best else ''}")
        parts.append(duration(now - self._last))
        left = int(engine.state.max_epochs or 0) - engine.state.epoch
        if left > 0:
            parts.append(f"about {duration((now - self._began) / self._epochs * left)} left")
        logger.info("Epoch %d of %s: %s.", engine.state.epoch, engine.state.max_epochs, ", ".join(parts))
        self._last = now
        if value == 0 and not self._zero_told:
            self._zero_told = True
            logger.info(
                "A validation %s of 0 is usual in the first epochs: a pixel counts if its probability "
                "is 0.5 or "
                "more, which few or none reach yet. If it stays at 0 while the loss falls, check the "
                "overlays.",
                name,
            )


def duration(seconds: float) -> str:
    """Format a duration with at most two units.

    >>> duration(4.26), duration(59.7), duration(80), duration(7500)
    ('4.3 s', '1 min 00 s', '1 min 20 s', '2 h 05 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    return f"{minutes} min {left:02} s" if whole < 3600 else f"{minutes // 60} h {minutes % 60:02} min"


def _loss(engine: Engine) -> float:
    """Return the mean loss of the epoch if a metric measures it, else the loss of the last batch."""
    measured = engine.state.metrics.get("loss")
    return float(from_engine(["loss"], first=True)(engine.state.output) if measured is None else measured)
