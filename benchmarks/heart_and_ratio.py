"""Is the heart good where its flag is ``ok``, and does the interval of the cardiothoracic ratio hold?

    python benchmarks/heart_and_ratio.py --data ../shared/data
    python benchmarks/heart_and_ratio.py --model runs/without-wingspan.safetensors --unseen wingspan

For sets with human masks of the heart: its mean Dice; how many of the good hearts (Dice of 0.90 or
more) and of the bad ones (below 0.85) have no measures; and, where a ratio is given, its mean absolute error
against that of the human masks, how often the interval holds the latter, and how wide it is. Images are the
test part of the model's run; all images of the sets of --unseen. For sets whose lungs are drawn through the
heart, such as those of children, only the share without a ratio is known. All at original size. Ranges are
95 % intervals of a bootstrap by image.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from intervals import mean_and_span
from robustness import dice, test_items
from tqdm import tqdm

from cxrtk import Label, Radiograph, readers
from cxrtk.cardiothoracic import cardiothoracic_ratio
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model
from cxrtk.models.membership import splits_beside

HEARTS = ("jsrt", "jsrt512", "wingspan")
NO_HEARTS = ("kermany_v7", "covid_v7")
GOOD, BAD = 0.90, 0.85


@dataclass(frozen=True)
class Case:
    """Dice of the heart, the ratio, that of the human masks, and the interval; NaN where unknown."""

    dice: float
    ratio: float
    truth: float
    low: float
    high: float


def cases(segmenter: Segmenter, data: Path, name: str, splits: Path | None) -> Iterator[Case]:
    """Segment the images of a set: the test part of the split, or all without one."""
    heart = "excluded" if name in HEARTS else "included"
    reader = readers.create("image_mask_folder", root=data / name, heart=heart)
    for item in tqdm(test_items(reader, splits), name, disable=None):
        label = reader.read_label(item)
        assert label is not None
        yield case(segmenter, reader.read(item["image"]), label)


def case(segmenter: Segmenter, radiograph: Radiograph, label: Label) -> Case:
    """Compare one segmentation with its label."""
    found = segmenter.segment(radiograph)
    masks, truth = (dict(zip(each.classes, each.masks, strict=True)) for each in (found, label))
    nan = float("nan")
    ratio, ends = (found.measures[f"cardiothoracic_{name}"] for name in ("ratio", "interval"))
    return Case(
        dice(masks["heart"], truth["heart"].astype(np.float32)) if "heart" in truth else nan,
        nan if ratio is None else ratio,
        cardiothoracic_ratio(truth) or nan,
        *(ends or (nan, nan)),
    )


def row(name: str, found: list[Case]) -> str:
    """One line of the table."""
    hearts, ratios, truths, lows, highs = np.array([list(vars(each).values()) for each in found]).T
    given = ~np.isnan(ratios)
    if np.isnan(hearts).all():
        return f"| {name} | {len(found)} | - | {(~given).mean():.1%} of all | - | - | - | - |"
    known = given & ~np.isnan(truths)
    holds = (lows <= truths) & (truths <= highs)
    good, bad = hearts >= GOOD, hearts < BAD
    cells = [
        mean_and_span(hearts, form=".3f"),
        f"{(~given & good).sum()} of {good.sum()}",
        f"{(given & bad).sum()} of {bad.sum()}",
        mean_and_span(np.abs(ratios - truths)[known]),
        f"{mean_and_span(holds[known], form='.1%')} of {known.sum()}",
        f"{(highs - lows)[known].mean():.3f}",
    ]
    return f"| {name} | {len(found)} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs", help="a model with a quality flag")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--unseen", default="", help="sets that the model has never seen, comma-separated")
    options = parser.parse_args()
    segmenter = Segmenter(find_model(options.model))
    unseen = [name for name in options.unseen.split(",") if name]
    print(f"| set | n | heart Dice | withheld of Dice >= {GOOD} | given of Dice < {BAD} ", end="")
    print("| error of the ratio | interval holds | mean width |")
    print("| --- " * 8 + "|")
    for name in (*HEARTS, *NO_HEARTS):
        splits = None if name in unseen else splits_beside(options.model)
        found = list(cases(segmenter, options.data, name, splits))
        if found:
            print(row(name, found), flush=True)


if __name__ == "__main__":
    main()
