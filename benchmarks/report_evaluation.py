"""Time, memory and size of the page that `cxrtk report` makes of an evaluation of many images.

    python benchmarks/report_evaluation.py --images 1000 --size 1024

A few phantoms are drawn; what "was found" on each is its exact mask, moved by some pixels, with
probabilities that fall off at its border. They are measured as `cxrtk evaluate` does, then images, masks,
counts and rows are repeated under other names until there are enough. Then the command runs as a user runs
it, start-up included. Processor seconds are those of all its processes, which on a machine with other work
say more than seconds do.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter, shift

from cxrtk import Radiograph, metrics
from cxrtk.data.phantom import draw
from cxrtk.evaluation.case import Found
from cxrtk.evaluation.curves import load_counts, save_counts
from cxrtk.evaluation.storage import CURVES, read_evaluation, write_evaluation
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.inference.scoring.evaluating import run
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import Predictions

SEXES = ("f", "m", "")


class Moved:
    """Finds the masks beside the images, moved."""

    def __init__(self, masks: Path) -> None:
        self.masks = masks

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Some pixels down and to the right; how many depends on the name."""
        with Image.open(self.masks / Path(name).name) as picture:
            truth: npt.NDArray[np.float32] = np.asarray(picture, np.float32) / 255
        by = 1 + int(Path(name).stem) % 7
        probabilities = np.clip(gaussian_filter(shift(truth, (by, by), order=0), 2), 0, 1)
        return Found((probabilities >= 0.5).astype(np.uint8), probabilities)


def make(folder: Path, count: int, different: int, size: int) -> Path:
    """The evaluation's folder; the data set lies beside it."""
    data, output = folder / "data", folder / "evaluation"
    for sub in ("images", "masks"):
        (data / sub).mkdir(parents=True)
    rows = [f"{number:05},p{number},{SEXES[number % 3]}" for number in range(count)]
    (data / "manifest.csv").write_text("\n".join(["stem,patient,sex", *rows[:different]]) + "\n")
    for seed in range(different):
        phantom = draw(seed, size)
        lungs = phantom.right_lung | phantom.left_lung
        Image.fromarray((phantom.pixels * 255).astype(np.uint8)).save(data / "images" / f"{seed:05}.png")
        Image.fromarray(lungs * np.uint8(255)).save(data / "masks" / f"{seed:05}.png")
    dataset = DataSet(data, "image_mask_folder", {"root": str(data), "heart": "excluded"})
    found = Predictions(Moved(data / "masks"), {"kind": "model", "name": "moved"}, probabilities=True)
    every = {name: metrics.create(name) for name in metrics.names()}
    run(found, dataset, every, output, EvaluationOptions(by=["sex"]), lambda total: lambda: None)
    repeat(data, output, count, different, rows)
    return output


def repeat(data: Path, output: Path, count: int, different: int, rows: list[str]) -> None:
    """Until there are `count` images; the files are links."""
    evaluation = read_evaluation(output)
    images, counts = load_counts(output / CURVES)
    cases = list(evaluation.cases)
    for number in range(different, count):
        old, new = f"{number % different:05}", f"{number:05}"
        for folder in (data / "images", data / "masks", output / "masks" / "images"):
            os.link(folder / f"{old}.png", folder / f"{new}.png")
        case = cases[number % different]
        cases.append(
            replace(
                case,
                image=case.image.replace(old, new),
                mask=case.mask.replace(old, new),
                patient=f"p{number + 1}",
                columns={"sex": SEXES[number % 3]},
            )
        )
    (data / "manifest.csv").write_text("\n".join(["stem,patient,sex", *rows]) + "\n")
    write_evaluation(replace(evaluation, cases=cases), output)
    names = [case.image for case in cases]
    save_counts(names, [counts[place % different] for place in range(count)], output / CURVES)
    assert names[: len(images)] == images


def main() -> None:
    """Make the folders, run the command, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--different", type=int, default=20, help="phantoms that are drawn")
    parser.add_argument("--size", type=int, default=1024, help="rows and columns of each image")
    parser.add_argument("--keep", type=Path, help="copy the page here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        output = make(Path(place), args.images, min(args.different, args.images), args.size)
        page = Path(place) / "report.html"
        started = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "cxrtk", "report", str(output), "-o", str(page), "-q"], check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = time.monotonic() - started
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print("| images | size | seconds | processor seconds | MB | peak MB |")
        print("| --- | --- | --- | --- | --- | --- |")
        print(
            f"| {args.images} | {args.size} x {args.size} | {seconds:.0f} | {busy:.0f} | "
            f"{page.stat().st_size / 1e6:.1f} | {after.ru_maxrss / 1024:.0f} |"
        )
        if args.keep:
            args.keep.write_bytes(page.read_bytes())


if __name__ == "__main__":
    main()
