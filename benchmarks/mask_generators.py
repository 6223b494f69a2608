"""Dice of each mask generator against human masks, beside what a mask is worth that looks at nothing.

    python benchmarks/mask_generators.py --data ../shared/data --worst 12 --output worst

For each data set, all at the original size of each image:
- `constant mask`: one mask for all images: the mean of the set's own human masks at 256 x 256, cut at the
  level (of 0.05, 0.10, ... 0.95) that gives the best mean Dice, and resampled to each image. It has seen
  the answers and no image: what does not beat it finds nothing.
- `image < mean`: every pixel below the mean of its image, nothing else.
- each mask generator that is installed, with its defaults.

Columns: mean, median and worst decile (the mean of the lowest tenth, at least one image) of Dice; how many
masks are empty; on how many images the constant mask is better; mean precision (the share of the mask that
is lung) and mean recall (the share of the lung that is in the mask).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from intervals import worst_decile
from PIL import Image
from tqdm import tqdm

import cxrtk
from cxrtk.data.overlay import overlay
from cxrtk.data.regions import to_source, to_working

SETS = {"jsrt": "excluded", "openist": "excluded", "covid_v7": "included", "kermany_v7": "included"}
LEVELS = np.arange(1, 20) / 20
Generator = Callable[[torch.Tensor], torch.Tensor]
Pair = tuple[str, torch.Tensor, torch.Tensor]  # stem, image and human mask, (1, H, W) each


@dataclass
class Score:
    """What one generator's masks are worth, one entry an image."""

    dice: npt.NDArray[np.float64]
    precision: npt.NDArray[np.float64]
    recall: npt.NDArray[np.float64]
    empty: npt.NDArray[np.bool_]

    def row(self, constant: npt.NDArray[np.float64]) -> str:
        """The columns of the table."""
        return (
            f"{self.dice.mean():.3f} | {np.median(self.dice):.3f} | {worst_decile(self.dice):.3f} | "
            f"{int(self.empty.sum())} | {int((self.dice < constant).sum())} of {len(self.dice)} | "
            f"{self.precision.mean():.3f} | {self.recall.mean():.3f}"
        )


def dice(mask: torch.Tensor, truth: torch.Tensor) -> float:
    """2 |A and B| / (|A| + |B|) of two masks, of which the truth is not empty."""
    return float(2 * (mask * truth).sum() / (mask.sum() + truth.sum()))


def below_mean(image: torch.Tensor) -> torch.Tensor:
    """The raw threshold."""
    mask: torch.Tensor = (image < image.mean()).float()
    return mask


def pairs(root: Path, every: int) -> Iterator[Pair]:
    """Every `every`-th image of a folder."""
    reader = cxrtk.readers.create("image_mask_folder", root=root)
    for item in reader.items()[::every]:
        label = reader.read_label(item)
        if label is None:
            raise SystemExit(f"{item['image']} has no mask in {root / 'masks'}.")
        image = torch.from_numpy(reader.read(item["image"]).pixels)[None]
        yield Path(item["image"]).stem, image, torch.from_numpy(label.lungs()).float()[None]


def best_constant(truths: list[torch.Tensor]) -> torch.Tensor:
    """(1, 256, 256): the mean mask at the level of best mean Dice on that grid."""
    small = torch.stack([(to_working(truth) >= 0.5).float() for truth in truths])
    candidates = [(small.mean(0) >= level).float() for level in LEVELS]
    means = [np.mean([dice(mask, truth) for truth in small]) for mask in candidates]
    best: torch.Tensor = candidates[int(np.argmax(means))]
    return best


def constant_mask(image: torch.Tensor, *, mask: torch.Tensor) -> torch.Tensor:
    """The same mask whatever the image, at its size."""
    return to_source(mask, height=image.shape[1], width=image.shape[2])


def score(generator: Generator, data: list[Pair], name: str) -> Score:
    """Run one generator over a data set."""
    masks = [generator(image) for _, image, _ in tqdm(data, desc=name, leave=False)]
    truths = [truth for _, _, truth in data]
    hits = np.array([float((mask * truth).sum()) for mask, truth in zip(masks, truths, strict=True)])
    sizes = np.array([float(mask.sum()) for mask in masks])
    return Score(
        dice=np.array([dice(mask, truth) for mask, truth in zip(masks, truths, strict=True)]),
        precision=hits / np.maximum(sizes, 1),
        recall=hits / np.array([float(truth.sum()) for truth in truths]),
        empty=sizes == 0,
    )


def write_worst(generator: Generator, data: list[Pair], scores: Score, count: int, output: Path) -> None:
    """Outline mask (blue) and truth (orange) of the `count` worst images; files sort by their Dice."""
    output.mkdir(parents=True, exist_ok=True)
    for index in np.argsort(scores.dice)[:count]:
        stem, image, truth = data[index]
        mask = generator(image).as_subclass(torch.Tensor)
        picture = overlay(image[0].numpy(), mask[0].numpy(), truth=truth[0].numpy(), contour=True)
        Image.fromarray(picture).save(output / f"{scores.dice[index]:.3f}_{stem}.png")


def main() -> None:
    """Print one table a data set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--generators", nargs="+", default=cxrtk.masks.names())
    parser.add_argument("--every", type=int, default=1, help="take every n-th image only")
    parser.add_argument("--worst", type=int, default=0, help="how many of the worst overlays to keep")
    parser.add_argument("--output", type=Path, default=Path("worst"), help="where the overlays go")
    args = parser.parse_args()
    torch.set_num_threads(1)

    for name in args.sets:
        data = list(pairs(args.data / name, args.every))
        mask = best_constant([truth for _, _, truth in data])
        generators: dict[str, Generator] = {
            "constant mask": partial(constant_mask, mask=mask),
            "image < mean": below_mean,
            **{each: cxrtk.masks.create(each) for each in args.generators},
        }
        print(f"\n{name}: {len(data)} images, heart {SETS[name]}\n")
        print("| mask | mean | median | worst decile | empty | constant is better | precision | recall |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        constant = np.zeros(0)
        for each, generator in generators.items():
            scores = score(generator, data, f"{name} {each}")
            constant = scores.dice if each == "constant mask" else constant
            print(f"| {each} | {scores.row(constant)} |", flush=True)
            if args.worst and each in args.generators:
                write_worst(generator, data, scores, args.worst, args.output / name / each)


if __name__ == "__main__":
    main()
