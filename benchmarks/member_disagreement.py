"""Would the disagreement of independent members tell bad masks better than the quality flag of one model?

    python benchmarks/member_disagreement.py --model without.safetensors --unseen wingspan \
        --members runs/unseen/lungs-wingspan-128px-40ep-seed2

The members are models that were trained from other random weights, without the source, on the same others. A
mask is bad where its Dice against the human mask is below 0.90. For each image of the source, the
disagreement is 1 less the mean Dice of the model's lungs with those of each member. The table has the AUC for
bad masks, with the interval of a bootstrap by image, of the disagreement, of the model's own quality score,
and of both (mean of their ranks); and how many of the bad masks would pass with a bound that flags 5 % of the
good ones of this source, which a user of another source cannot know. All at original size, after
post-processing. Members cost a pass of the network each, on top of the two more views that the quality score
takes.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from intervals import auc_and_span
from robustness import dice, tested
from scipy.stats import rankdata
from tqdm import tqdm

from cxrtk import Radiograph
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model

BADS = (0.90, 0.95)
ALARMS = 0.05


def main() -> None:
    """Print a row for each sign, and each step between bad and good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", required=True, help="a model with a quality flag")
    parser.add_argument("--members", required=True, help="runs or model files, comma-separated")
    parser.add_argument("--unseen", required=True, help="a set that none of them has seen")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    options = parser.parse_args()
    images = tested(options.data, None, [options.unseen])
    model = Segmenter(find_model(options.model))
    members = [Segmenter(find_model(name)) for name in options.members.split(",")]
    rows = []
    for _, pixels, truth in tqdm(images, leave=False):
        radiograph = Radiograph(pixels)
        found = model.segment(radiograph)
        agreement = [
            dice(found.lungs(), member.segment(radiograph).lungs().astype(np.float32)) for member in members
        ]
        rows.append((dice(found.lungs(), truth), 1 - np.mean(agreement), -found.quality["score"]))
    overlaps, disagreement, doubt = np.array(rows).T
    signs = {
        "disagreement": disagreement,
        "quality score": doubt,
        "both": rankdata(disagreement) + rankdata(doubt),
    }
    print("| sign | bad below | AUC | 95 % | bad that pass, 5 % of the good flagged |\n" + "| --- " * 5 + "|")
    for step in BADS:
        bad = overlaps < step
        for name, values in signs.items():
            about = f"{step:.2f}: {bad.sum()} of {len(bad)}"
            area, interval = auc_and_span(values, bad, np.arange(len(bad)))
            print(f"| {name} | {about} | {area} | {interval} | {passing(values, bad)} |")


def passing(values: np.ndarray, bad: np.ndarray) -> int:
    """Bad masks below the bound that `ALARMS` of the good ones exceed."""
    return int((values[bad] <= np.quantile(values[~bad], 1 - ALARMS)).sum())


if __name__ == "__main__":
    main()
