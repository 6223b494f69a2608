"""How many images a second a step of work takes: repeated, timed one by one, summed up by the median."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

WARM_UP = 2  # steps before the first that counts, at least
WARM_UP_SHARE = 0.05  # of the seconds, likewise: a GPU needs a while to reach its pace
AT_LEAST = 3  # steps that count, however long they take


@dataclass(frozen=True)
class Rate:
    """Images a second.

    Attributes:
        median: Of all steps.
        low: A quarter of the steps were slower.
        high: A quarter of the steps were faster.
        steps: How many were timed.
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
    """Repeat a step for a while, and time each.

    Args:
        step: The work.
        images: How many one step works on.
        seconds: How long, the warming up left out; at least `AT_LEAST` steps.
        synchronise: Returns when all the work that was begun is done; a GPU's goes on after `step`.
        report: Told after each step how many more of the seconds are over; `seconds` in all.
        clock: In seconds.
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
