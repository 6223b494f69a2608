"""Dice of a model on corrupted images, by corruption and severity.

    python benchmarks/robustness.py --data ../shared/data --output robustness.json

The images are the test part of the model's run (its splits.json), of the data sets whose masks leave out the
heart. The truth is the human mask, moved with the image; all is measured at the images' original size, after
the same post-processing as in `cxrtk segment`. The last column is the mean Dice lost, against uncorrupted
images, at severity 3, with the 95 % interval of a bootstrap by image.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from corruptions import BEYOND, CORRUPTIONS, SEVERITIES, corrupt
from intervals import mean_and_span
from tqdm import tqdm

from cxrtk import Radiograph, Reader, readers
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model
from cxrtk.models.membership import known_parts, splits_beside

SETS = ("jsrt", "openist")
Array = npt.NDArray[np.float32]
Numbers = tuple[float, float, float]  # Dice, quality score, and 1 where the flag is ok


def dice(prediction: npt.NDArray[np.uint8], truth: Array) -> float:
    """2 |A and B| / (|A| + |B|); 1 where both are empty."""
    total = float(prediction.sum() + truth.sum())
    return 1.0 if total == 0 else 2 * float((prediction * truth).sum()) / total


def test_items(reader: Reader, splits: Path | None) -> list[dict[str, Any]]:
    """Items of the test part of a split; all of them without one."""
    items = reader.items()
    if splits is None:
        return items
    parts = known_parts(splits, items).parts
    return [item for item in items if parts.get(item["image"]) == "test"]


def tested(data: Path, splits: Path | None, sets: list[str]) -> list[tuple[str, Array, Array]]:
    """(name, image, lungs) of the test images; of all images where there is no split."""
    found = []
    for name in sets:
        reader = readers.create("image_mask_folder", root=data / name, heart="excluded")
        for item in test_items(reader, splits):
            label = reader.read_label(item)
            assert label is not None
            stem, image = Path(item["image"]).stem, reader.read(item["image"]).pixels
            found.append((f"{name}/{stem}", image, label.lungs().astype(np.float32)))
    return found


def scores(
    segmenter: Segmenter, images: list[tuple[str, Array, Array]], name: str, severity: int
) -> list[Numbers]:
    """Numbers of each image under one corruption; severity 0 leaves it as it is."""
    found = []
    for stem, image, lungs in tqdm(images, leave=False):
        seen, truth = corrupt(name, severity, image, lungs, stem) if severity else (image, lungs)
        result = segmenter.segment(Radiograph(np.ascontiguousarray(seen)))
        quality = result.quality
        ok = float(quality.get("flag") == "ok")
        found.append((dice(result.lungs(), truth), float(quality.get("score", "nan")), ok))
    return found


def mean(rows: list[Numbers]) -> float:
    """Mean Dice."""
    return float(np.mean([row[0] for row in rows]))


def main() -> None:
    """Measure all, print the table, write each image's numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs", help="a shipped model, a run's folder, or a model file")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--splits", type=Path, help="splits.json of the run; default: that of --model")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--every", type=int, default=1, help="take every N-th image only")
    parser.add_argument("--beyond", action="store_true", help="three more severities, not in the table")
    parser.add_argument(
        "--output", type=Path, help="a JSON file with Dice, quality score and whether the flag is ok"
    )
    options = parser.parse_args()
    splits = options.splits or splits_beside(options.model)
    images = tested(options.data, splits, options.sets.split(","))
    images = images[:: options.every]
    segmenter = Segmenter(find_model(options.model))
    clean = scores(segmenter, images, "", 0)
    every: dict[str, dict[int, list[Numbers]]] = defaultdict(dict)
    for name in tqdm(CORRUPTIONS, desc="corruptions"):
        for severity in (*SEVERITIES, *(BEYOND if options.beyond else ())):
            every[name][severity] = scores(segmenter, images, name, severity)
    print(f"{len(images)} images; mean Dice without corruption {mean(clean):.4f}\n")
    print("| corruption | 1 | 2 | 3 | 4 | 5 | lost at 3 (95 %) |\n" + "| --- " * 7 + "|")
    lost = []
    for name, by_severity in every.items():
        means = [mean(by_severity[severity]) for severity in SEVERITIES]
        lost.append(np.subtract(clean, by_severity[3])[:, 0])
        cells = [*(f"{mean:.3f}" for mean in means), mean_and_span(lost[-1], form=".3f")]
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"| mean | | | | | | {mean_and_span(np.mean(lost, axis=0))} |")
    if options.output:
        content = {"images": [stem for stem, _, _ in images], "clean": clean, "corrupted": every}
        options.output.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
