"""Fit the numbers by which `cxrtk check` expects lungs and heart in a picture.

python benchmarks/check_masks_fit.py -o cxrtk/data/check/expected.npz
python benchmarks/check_masks_fit.py --all --without wingspan -o without_wingspan.npz

The first takes the sources whose licence allows any use with credit: wingspan (MIT), kermany_v7 (CC BY 4.0)
and the rows of covid_v7 under CC BY. ``--all`` takes all five sources, 130 images of each at most, for the
numbers of docs/check.md on a source that is left out. About five minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from check_masks import DATA
from PIL import Image
from scipy import ndimage
from torch import nn

from cxrtk import readers
from cxrtk.classes import HEART, LUNGS, SIDES
from cxrtk.data.check.expected import OUTPUTS, STAGES, Layers, apply_layers
from cxrtk.data.check.expected_features import SIDE, context, features
from cxrtk.data.pixels.frontal import reduced

SOURCES = ("jsrt512", "openist", "wingspan", "covid_v7", "kermany_v7")
THROUGH_HEART = ("covid_v7", "kermany_v7")
OPEN = {"wingspan": None, "kermany_v7": None, "covid_v7": {"image_license": ["CC BY 3.0", "CC BY 4.0"]}}
MOST_OF_ONE = 130
POINTS = 400  # of a picture, of SIDE x SIDE
HIDDEN = (32, 16)
EPOCHS, BATCH, RATE = 15, 2048, 1e-2
WORKING = 160  # side of the pictures that are cropped

Grids = npt.NDArray[np.float32]


class Example(NamedTuple):
    """Picture (WORKING, WORKING), and masks (3, WORKING, WORKING) of right lung, left lung and heart."""

    picture: Grids
    masks: Grids
    through_heart: bool
    has_heart: bool


def sides(mask: npt.NDArray[np.bool_]) -> Iterator[npt.NDArray[np.bool_]]:
    """Part a mask of both lungs: parts by their centre, one that spans the middle where it is narrowest."""
    parts, count = ndimage.label(mask)
    columns, width = np.arange(mask.shape[1]), mask.shape[1]
    right = np.zeros_like(mask)
    for number in range(1, count + 1):
        part = parts == number
        there = np.flatnonzero(part.any(axis=0))
        first, last = int(width * 0.35), int(width * 0.65)
        if there[0] < width * 0.4 and there[-1] > width * 0.6 and part.sum() > mask.sum() / 2:
            right |= part & (columns < first + int(part[:, first:last].sum(axis=0).argmin()))
        elif np.nonzero(part)[1].mean() < width / 2:
            right |= part
    yield from (right, mask & ~right)


def examples(
    source: str, only: dict[str, list[str]] | None, rng: np.random.Generator, most: int
) -> list[Example]:
    """Read a source."""
    reader = readers.create("image_mask_folder", root=str(DATA / source), only=only)
    items = reader.items()
    if len(items) > most:
        items = [items[place] for place in sorted(rng.choice(len(items), most, replace=False))]
    found = []
    for item in items:
        label = reader.read_label(item)
        named = dict(zip(label.classes, label.masks.astype(bool), strict=True))
        right, left = sides(named[LUNGS]) if LUNGS in named else (named[side] for side in SIDES)
        masks = [reduced(mask, WORKING, WORKING) for mask in (right, left, named.get(HEART, right & left))]
        picture = reduced(reader.read(item["image"]).pixels, WORKING, WORKING)
        found.append(Example(picture, np.stack(masks), source in THROUGH_HEART, HEART in named))
    return found


def small(example: Example) -> tuple[Grids, Grids]:
    """Return picture and masks at SIDE x SIDE points."""
    return reduced(example.picture, SIDE, SIDE), np.stack(
        [reduced(mask, SIDE, SIDE) for mask in example.masks]
    )


def cropped(example: Example, rng: np.random.Generator) -> tuple[Grids, Grids]:
    """Return another framing of an example, at another gamma."""
    size = WORKING * rng.uniform(0.85, 1.2) * rng.uniform(0.93, 1.07, 2)
    start = (WORKING - size) / 2 + rng.uniform(-0.1, 0.1, 2) * WORKING
    pad, edge = WORKING // 2, rng.random() < 0.6
    box = (*(start[::-1] + pad), *((start + size)[::-1] + pad))

    def framed(values: Grids, mode: str) -> Grids:
        whole = Image.fromarray(np.pad(values, pad, mode=mode))
        return np.asarray(whole.resize((SIDE, SIDE), Image.Resampling.BOX, box=box), np.float32)

    picture = np.clip(example.picture, 0, 1) ** np.exp(rng.normal(0, 0.3))
    return framed(picture, "edge" if edge else "constant"), np.stack(
        [framed(m, "constant") for m in example.masks]
    )


def targets(example: Example, masks: Grids) -> Grids:
    """Return (5, SIDE, SIDE), NaN where the source says nothing."""
    nothing = np.full_like(masks[0], np.nan)
    right, left, heart = masks
    if example.through_heart:
        return np.stack([nothing, nothing, nothing, right, left])
    return np.stack([right, left, heart if example.has_heart else nothing, nothing, nothing])


def fit(inputs: Grids, wanted: Grids, seed: int) -> Layers:
    """Fit one stage to points: inputs (N, C), wanted (N, 5)."""
    torch.manual_seed(seed)
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-4
    sizes = (inputs.shape[1], *HIDDEN, len(OUTPUTS))
    linear = [nn.Linear(before, after) for before, after in pairwise(sizes)]
    network = nn.Sequential(linear[0], nn.ReLU(), linear[1], nn.ReLU(), linear[2])
    x, y = torch.tensor((inputs - mean) / spread), torch.tensor(wanted)
    known, y = (~torch.isnan(y)).float(), torch.nan_to_num(y)
    steps = EPOCHS * len(x) // BATCH
    optimiser = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
    for _ in range(steps):
        some = torch.randint(len(x), (BATCH,))
        loss = nn.functional.binary_cross_entropy_with_logits(
            network(x[some]), y[some], weight=known[some], reduction="sum"
        )
        optimiser.zero_grad()
        (loss / known[some].sum()).backward()
        optimiser.step()
        schedule.step()
    layers = [(each.weight.detach().numpy().copy(), each.bias.detach().numpy().copy()) for each in linear]
    weight, bias = layers[0]
    layers[0] = (weight / spread, bias - weight @ (mean / spread))
    return [(weight.astype(np.float32), bias.astype(np.float32)) for weight, bias in layers]


def fit_stages(found: Sequence[Example], rng: np.random.Generator) -> list[Layers]:
    """Fit one stage after the other, each on the results of the one before; every example is seen twice."""
    pairs = [(example, pair) for example in found for pair in (small(example), cropped(example, rng))]
    described = [features(picture) for _, (picture, _) in pairs]
    wanted = [targets(example, masks).reshape(len(OUTPUTS), -1).T for example, (_, masks) in pairs]
    now, stages = described, []
    for stage in range(STAGES):
        chosen = [rng.choice(SIDE * SIDE, POINTS, replace=False) for _ in pairs]
        inputs = [each.reshape(len(each), -1).T[points] for each, points in zip(now, chosen, strict=True)]
        outputs = [each[points] for each, points in zip(wanted, chosen, strict=True)]
        stages.append(fit(np.concatenate(inputs), np.concatenate(outputs), stage))
        masks = [apply_layers(stages[-1], each) for each in now]
        now = [context(each, mask) for each, mask in zip(described, masks, strict=True)]
    return stages


def main() -> None:
    """Fit, and write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--all", action="store_true", help="all sources, and not the open ones alone")
    parser.add_argument("--without", default="", help="source to leave out")
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    sources = dict.fromkeys(SOURCES) if given.all else OPEN
    most = MOST_OF_ONE if given.all else 10**6
    found = [
        example
        for name, only in sources.items()
        if name != given.without
        for example in examples(name, only, rng, most)
    ]
    stages = fit_stages(found, rng)
    parts = {
        f"{name}_{stage}_{layer}": values
        for stage, layers in enumerate(stages)
        for layer, pair in enumerate(layers)
        for name, values in zip(("weight", "bias"), pair, strict=True)
    }
    np.savez_compressed(given.output, **parts)
    print(f"{given.output}: {sum(each.size for each in parts.values())} numbers from {len(found)} images")


if __name__ == "__main__":
    main()
