"""Throughput measurement in images per second: repeated timing, summarised by the median."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

WARM_UP = 2  # minimum number of untimed steps
WARM_UP_SHARE = 0.05  # minimum fraction of the seconds: a GPU needs time to reach full speed
AT_LEAST = 3  # minimum number of timed steps, however long they take


@dataclass(frozen=True)
class Rate:
    """Throughput in images per second.

    Attributes:
        median: Median of all steps.
        low: Lower quartile of the steps.
        high: Upper quartile of the steps.
        steps: Number of timed steps.
    """

    median: float
    low: float
    high: float
    steps: int


def rate(
    step: Callable[[], object],
    images: int,
    *,
    seconds: float,
    synchronise: Callable[[], None] = lambda: None,
    report: Callable[[float], None] = lambda seconds: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Rate:
    """Repeat a step for a given time, and time each repetition.

    Args:
        step: Function to time.
        images: Number of images per step.
        seconds: Duration of the measurement without warm-up; at least `AT_LEAST` steps are run.
        synchronise: Function that blocks until all queued work is done, since GPU work continues after
            `step`.
        report: Callback with the seconds elapsed since the previous step; they sum to `seconds`.
        clock: Clock in seconds.
    """
    began, warmed = clock(), 0
    while warmed < WARM_UP or clock() - began < WARM_UP_SHARE * seconds:
        step()
        synchronise()
        warmed += 1
    taken: list[float] = []
    began = last = clock()
    while len(taken) < AT_LEAST or last - began < seconds:
        step()
        synchronise()
        now = clock()
        taken.append(now - last)
        report(min(now - began, seconds) - min(last - began, seconds))
        last = now
    low, median, high = np.percentile(images / np.array(taken), (25, 50, 75))
    return Rate(float(median), float(low), float(high), len(taken))
