"""Expected calibration error of a model on its test images, with and without its temperatures.

    python benchmarks/calibration.py

All pixels of the network's grid against the human mask, and those within 8 pixels of the true outline, where
the doubt is. Fifteen equal bins of the probability that a pixel is lung.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from robustness import tested
from scipy import ndimage
from torch import nn
from tqdm import tqdm

from cxrtk.inference.quality.temperature import LogitCounts
from cxrtk.models.find import find_model
from cxrtk.models.membership import splits_beside
from cxrtk.models.predictor import Predictor

SIDES = ("right_lung", "left_lung")
NEAR = 8  # pixels


def main() -> None:
    """Print one row a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--splits", type=Path, help="splits.json of the run; default: that of --model")
    parser.add_argument("--sets", default="jsrt,openist")
    options = parser.parse_args()
    model = find_model(options.model)
    splits = options.splits or splits_beside(options.model)
    plain = Predictor(replace(model, spec=replace(model.spec, temperature=())))
    sides = [model.spec.classes.index(name) for name in SIDES]
    temperatures = [model.spec.temperature[side] for side in sides]
    print("| images | ECE before | after | near the outline before | after |\n" + "| --- " * 5 + "|")
    for name in options.sets.split(","):
        counts = {(kind, warm): LogitCounts(1) for kind in ("all", "near") for warm in (False, True)}
        images = tested(options.data, splits, [name])
        for _, image, lungs in tqdm(images, leave=False):
            logits = plain.logits(plain.prepare(image)[None])[0].cpu().numpy()[sides]
            size = logits.shape[-2:]
            grid = nn.functional.interpolate(torch.from_numpy(lungs)[None, None], size, mode="nearest-exact")
            truth = grid[0, 0].numpy() > 0.5
            outline = ndimage.distance_transform_edt(truth) + ndimage.distance_transform_edt(~truth)
            near = np.where(outline <= NEAR, truth, -1)
            for warm in (False, True):
                divided = logits / np.array(temperatures if warm else [1.0, 1.0])[:, None, None]
                either = divided.max(axis=0)[None]  # lung: the likelier side
                counts["all", warm].add(either, truth[None])
                counts["near", warm].add(either, near[None])
        cells = [
            counts[kind, warm].calibration_error(0) for kind in ("all", "near") for warm in (False, True)
        ]
        print(f"| {name}, {len(images)} | " + " | ".join(f"{cell:.4f}" for cell in cells) + " |")


if __name__ == "__main__":
    main()
