"""Masks that are kept whole, as another processor gives the network's last bits otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tests.golden.cases import Case

MOST = 0.002  # share of an image's pixels that may differ; bfloat16 changes 0.0004 at most


def keep(case: Case, work: Path, recorded: Path) -> None:
    """Record the masks of a case."""
    for name in case.masks:
        target = recorded / case.id / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(work / case.output / name, target)


def moved(case: Case, work: Path, recorded: Path) -> Iterator[str]:
    """A sentence for each mask that is no longer the recorded one."""
    for name in case.masks:
        golden, found = (np.asarray(Image.open(folder / name)) for folder in
                         (recorded / case.id, work / case.output))  # fmt: skip
        if golden.shape != found.shape:
            yield f"{name}: is of {found.shape} pixels, not of {golden.shape}."
        elif (share := float((golden != found).mean())) > MOST:
            yield f"{name}: {share:.2%} of the pixels differ, more than {MOST:.2%}."
