"""Dice, IoU and Hausdorff distance of a model on human masks, at original size, as `cxrtk segment` does it.

    python benchmarks/lungs_model.py --data ../shared/data
    python benchmarks/lungs_model.py --model runs/openist-alone --sets jsrt --all
    python benchmarks/lungs_model.py --model lungs,lungs-open

By default the images are the test part of the model's run (splits.json in its folder); with --all every image
of the sets, which is right for a set that the model has never seen. Several models are measured on the test
part of the first, and one that was trained on any of these images is refused. The truth is the mask that a
human drew of both lungs, the heart left out. HD95 is the 95th percentile of the distances of the outlines, by
MONAI, in percent of the image's height; a mask that is empty where the truth is not counts the image's
diagonal. The worst decile is the mean of the worst tenth of the images, at least one. The interval is a
bootstrap by image; each patient of these sets has one.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from intervals import mean_and_span, worst_decile
from monai.metrics import compute_hausdorff_distance
from robustness import dice, tested
from tqdm import tqdm

from cxrtk import Radiograph, readers
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model
from cxrtk.models.membership import known_parts, splits_beside

Numbers = npt.NDArray[np.float64]
Case = tuple[str, npt.NDArray[np.float32], npt.NDArray[np.float32]]  # name, image, lungs


def hd95(prediction: npt.NDArray[np.uint8], truth: npt.NDArray[np.float32]) -> float:
    """Percent of the image's height."""
    if not prediction.any() or not truth.any():
        return 100.0 * float(np.hypot(*prediction.shape)) / prediction.shape[0]
    pair = (torch.from_numpy(mask.astype(np.float32))[None, None] for mask in (prediction, truth))
    distance = compute_hausdorff_distance(*pair, include_background=True, percentile=95)
    return 100.0 * float(distance) / prediction.shape[0]


def measure(
    segmenter: Segmenter, images: list[tuple[str, npt.NDArray[np.float32], npt.NDArray[np.float32]]]
) -> Numbers:
    """(N, 3): Dice, IoU and HD95 of each image."""
    rows = []
    for _, pixels, truth in tqdm(images, leave=False):
        found = segmenter.segment(Radiograph(pixels))
        overlap = dice(found.lungs(), truth)
        rows.append((overlap, overlap / (2 - overlap), hd95(found.lungs(), truth)))
    return np.array(rows)


def row(name: str, numbers: Numbers) -> str:
    """Means, the interval and standard deviation of Dice, and worst deciles."""
    worst_dice, worst_distance = worst_decile(numbers[:, 0]), -worst_decile(-numbers[:, 2])
    _, iou, distance = numbers.mean(axis=0)
    overlap = f"{mean_and_span(numbers[:, 0])} | {numbers[:, 0].std():.4f} | {worst_dice:.4f}"
    return f"| {name} | {len(numbers)} | {overlap} | {iou:.4f} | {distance:.2f} | {worst_distance:.2f} |"


def refuse_seen(model: str, data: Path, source: str, stems: list[str]) -> None:
    """Refuse a model that was trained on one of these images, or chosen by it."""
    splits = splits_beside(model)
    items = readers.create("image_mask_folder", root=data / source, heart="excluded").items()
    parts = {} if splits is None else known_parts(splits, items).parts
    seen = {f"{source}/{Path(image).stem}" for image, part in parts.items() if part != "test"}
    if found := seen & set(stems):
        raise SystemExit(
            f"{model}: {len(found)} of these images of {source} are in its training or validation part."
        )


def main() -> None:
    """Print two rows for each set and model, with and without post-processing; write each image's numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs", help="models, runs or model files, comma-separated")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--splits", type=Path, help="splits.json of the run; default: that of --model")
    parser.add_argument("--sets", default="jsrt,openist,wingspan")
    parser.add_argument("--all", action="store_true", help="every image of the sets")
    parser.add_argument("--output", type=Path, help="a JSON file with the numbers of each image")
    options = parser.parse_args()
    names = options.model.split(",")
    splits = None if options.all else options.splits or splits_beside(names[0])
    content = {}
    print("| images | n | Dice (95 %) | SD | worst decile | IoU | HD95 % | worst decile |")
    print("| --- " * 8 + "|")
    for source in options.sets.split(","):
        images = tested(options.data, splits, [source])
        stems = [stem for stem, _, _ in images]
        for name in names:
            if splits is not None:
                refuse_seen(name, options.data, source, stems)
            title = source if len(names) == 1 else f"{name}, {source}"
            model = find_model(name)
            for words, postprocess in (("", True), (", raw", False)):
                numbers = measure(Segmenter(model, postprocess=postprocess), images)
                print(row(title + words, numbers), flush=True)
                content[title + words] = dict(zip(stems, numbers.tolist(), strict=True))
    if options.output:
        options.output.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
