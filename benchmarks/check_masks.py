"""How many wrong masks `cxrtk check` finds, and how many right ones it names, on the folders of docs/data.md.

python benchmarks/check_masks.py
python benchmarks/check_masks.py --coefficients wingspan=without_wingspan.npz

With ``--coefficients`` a folder is judged by an expectation that was fitted without it
(``python benchmarks/check_masks_fit.py --without wingspan -o without_wingspan.npz``).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cxrtk import Label, readers
from cxrtk.data.check.agreement import AS_IT_IS, CHANGES, Agreement, agreements
from cxrtk.data.check.expected import (
    Layers,
    apply_stages,
    is_comparable,
    read_stages,
    shipped_stages,
    shows_lungs,
)
from cxrtk.data.check.expected_features import SIDE
from cxrtk.data.check.misfits import habits, misfit
from cxrtk.data.pixels.frontal import not_frontal, reduced

DATA = Path(os.environ.get("CXRTK_DATA") or Path(__file__).parents[2] / "shared" / "data")
FOLDERS = ("jsrt", "jsrt512", "openist", "wingspan", "covid_v7", "kermany_v7")
SHIFT = 0.05  # of the sides
SET = 20  # images of a set whose habit is looked for
SETS = 50  # sets drawn of a folder
KINDS = (
    "right",
    *(change for change in CHANGES if change != AS_IT_IS),
    "shifted across",
    "shifted down",
    "exchanged",
)
Masks = npt.NDArray[np.uint8]


def changed(kind: str, masks: Masks, other: Masks) -> Masks:
    """Spoil (C, 4 SIDE, 4 SIDE) masks; `other` are those of another patient."""
    if kind == "right":
        return masks
    if kind == "exchanged":
        return other
    if kind.startswith("shifted"):
        by = SHIFT * masks.shape[1] * np.array([kind == "shifted down", kind == "shifted across"])
        return np.stack([ndimage.shift(mask, by, order=0) for mask in masks])
    return np.stack([np.ascontiguousarray(CHANGES[kind](mask)) for mask in masks])


def compared(folder: str, stages: list[Layers]) -> Iterator[tuple[str, list[Agreement]]]:
    """Yield a kind and the comparison of its masks, for each image and kind."""
    reader = readers.create("image_mask_folder", root=str(DATA / folder))
    items, rng = reader.items(), np.random.default_rng(0)
    labels = [reader.read_label(item) for item in items]
    small = [np.stack([reduced(mask, 4 * SIDE, 4 * SIDE) > 0.5 for mask in each.masks]).astype(np.uint8)
             for each in labels]  # fmt: skip
    for number, item in enumerate(items):
        pixels = reader.read(item["image"]).pixels
        expected = apply_stages(stages, reduced(pixels, SIDE, SIDE))
        judged = is_comparable(pixels) and not not_frontal(pixels) and shows_lungs(expected)
        others = [place for place, each in enumerate(items) if each["patient"] != item["patient"]]
        other = small[int(rng.choice(others))]
        for kind in KINDS:
            masks = changed(kind, small[number], other)
            label = Label(masks, labels[number].classes, "human", labels[number].heart)
            yield kind, agreements(label, expected) if judged else []


def table(folder: str, stages: list[Layers]) -> list[str]:
    """Return the shares of a folder: single masks named, and sets of 20 with a habit."""
    found: dict[str, list[list[Agreement]]] = {kind: [] for kind in KINDS}
    for kind, each in compared(folder, stages):
        found[kind].append(each)
    rng = np.random.default_rng(1)
    cells = []
    for kind in KINDS:
        single = np.mean([misfit(each) is not None for each in found[kind]])
        draws = [rng.choice(len(found[kind]), SET, replace=False) for _ in range(SETS)]
        habit = np.mean([any(habits([found[kind][place] for place in draw])) for draw in draws])
        cells.append(f"{single:.3f} / {habit:.2f}")
    return [folder, str(len(found["right"])), *cells]


def main() -> None:
    """Print the table of docs/check.md, and the time an image takes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--coefficients", action="append", default=[], metavar="FOLDER=FILE")
    given = dict(each.split("=", 1) for each in parser.parse_args().coefficients)
    print("| folder | masks |", " | ".join(KINDS), "|")
    for folder in FOLDERS:
        stages = read_stages(Path(given[folder])) if folder in given else shipped_stages()
        print("|", " | ".join(table(folder, stages)), "|", flush=True)
    began = time.process_time()
    for _ in range(20):
        apply_stages(shipped_stages(), np.random.default_rng(0).random((SIDE, SIDE)))
    print(f"{(time.process_time() - began) / 20 * 1000:.0f} ms of processor time an image")


if __name__ == "__main__":
    main()
