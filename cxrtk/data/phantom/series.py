"""Which phantoms make up a set: patients, some of whom come twice."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

ANOTHER = 0.25  # share of images that are a further one of the patient before


class Entry(NamedTuple):
    """One image of a set: its place in the NIH's numbering, and its seeds."""

    patient: int
    follow_up: int
    seed: int
    patient_seed: int

    @property
    def stem(self) -> str:
        """``00000007_001``: patient 7, second image."""
        return f"{self.patient:08d}_{self.follow_up:03d}"


def series(count: int, seed: int = 0) -> list[Entry]:
    """The entries of the set of `count` images with this seed; a longer set begins with a shorter one.

    Raises:
        ValueError: `count` is not positive.
    """
    if count < 1:
        raise ValueError(f"A set has at least one image, not {count}.")
    rng = np.random.default_rng([2, seed])
    entries: list[Entry] = []
    for _ in range(count):
        again, drawn, body = rng.random() < ANOTHER, int(rng.integers(2**31)), int(rng.integers(2**31))
        if again and entries:
            last = entries[-1]
            entries.append(Entry(last.patient, last.follow_up + 1, drawn, last.patient_seed))
        else:
            entries.append(Entry(entries[-1].patient + 1 if entries else 1, 0, drawn, body))
    return entries
