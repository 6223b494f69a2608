"""How costs grow with the number of images: listing, checking, splitting, segmenting.

    python benchmarks/growth.py --counts 100,1000,10000 -o benchmarks/results/growth.json

Data sets of generated images with masks, 64 x 64 pixels, are walked by fresh processes. Time is the
processor time of a process and its children. A line t = a + b n is fitted by least squares to t / n, so that
each size counts alike; printed are the start a, the cost of an image b, how far the line misses the largest
size, and the cost of a further image between the two largest sizes over that between the two before: 1 is
linear, 10 would be quadratic. Memory is resident, of the largest process; its slope is that between the two
largest sizes, and is zero where it does not depend on the number of images.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scale import Watch, watched
from scipy.ndimage import gaussian_filter

SIDE = 64
CODES = (0, 3)  # `cxrtk check` ends with 3, as drawn lungs do not fit the expectation of real ones
LISTING = """
import sys
from cxrtk import readers
items = readers.create("image_mask_folder", root=sys.argv[1]).items()
assert len(items) == int(sys.argv[2]), len(items)
"""
SPLITTING = """
import sys
from pathlib import Path
from cxrtk import readers
from cxrtk.data.split_files import read_split
from cxrtk.data.splits import split_by_patient
items = readers.create("image_mask_folder", root=sys.argv[1]).items()
split = split_by_patient(items, seed=0)
path = Path(sys.argv[1], "splits.json")
split.save(path, sys.argv[1])
again = read_split(path, items)
assert len(again.train) + len(again.validation) + len(again.test) == int(sys.argv[2])
"""


def generate(folder: Path, count: int) -> None:
    """Write so many images that are unlike one another, each with a mask and a patient of its own."""
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    for number in range(count):
        rng = np.random.default_rng(number)
        lungs = sum(
            ((x - centre) / 0.14) ** 2 + ((y - rng.uniform(0.45, 0.55)) / 0.3) ** 2 < 1
            for centre in rng.uniform([0.25, 0.65], [0.35, 0.75])
        )
        grey = 150 - 90 * lungs + 40 * gaussian_filter(rng.standard_normal((SIDE, SIDE)), 3) * 8
        for name, values in (("images", grey.clip(0, 255)), ("masks", lungs * 255)):
            Image.fromarray(values.astype(np.uint8)).save(folder / name / f"{number:06d}.png")


def commands(folder: Path, count: int, output: Path, model: str) -> dict[str, list[str]]:
    """The command of each task."""
    python = [sys.executable]
    data = [str(folder), str(count)]
    return {
        "listing": [*python, "-c", LISTING, *data],
        "splitting": [*python, "-c", SPLITTING, *data],
        "checking": [*python, "-m", "cxrtk", "check", "--dataset_dir", str(folder), "--json"],
        "segmenting": [
            *python, "-m", "cxrtk", "segment", "-q", "-i", str(folder / "images"), "-o", str(output),
            "--model", model,
        ],
    }  # fmt: skip


def line(counts: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Start a and cost of an image b of t = a + b n, by least squares of t / n = a / n + b."""
    n = np.asarray(counts, float)
    b_and_a, *_ = np.linalg.lstsq(np.stack([np.ones_like(n), 1 / n], 1), np.asarray(seconds) / n, rcond=None)
    return float(b_and_a[1]), float(b_and_a[0])


def law(counts: Sequence[int], watches: Sequence[Watch]) -> dict[str, Any]:
    """How time and memory grow."""
    seconds = [sum(watch.seconds.values()) for watch in watches]
    memory = [max(watch.memory.values()) for watch in watches]
    start, each = line(counts, seconds)
    before, last = np.diff(seconds)[-2:] / np.diff(counts)[-2:]
    return {
        "counts": list(counts),
        "seconds": seconds,
        "megabytes": memory,
        "start_seconds": start,
        "ms_an_image": each * 1000,
        "line_misses_largest_by": (start + each * counts[-1]) / seconds[-1] - 1,
        "further_image": float(last / before) if before > 0 else math.nan,
        "megabytes_per_1000_images": (memory[-1] - memory[-2]) / (counts[-1] - counts[-2]) * 1000,
    }


def table(laws: Mapping[str, Mapping[str, Any]]) -> str:
    """In markdown."""
    rows = [
        "| task | images | seconds | MB | start s | ms an image | line misses | further image | MB a 1,000 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for task, found in laws.items():
        several = [
            ", ".join(f"{value:,}" for value in found["counts"]),
            ", ".join(f"{value:.1f}" for value in found["seconds"]),
            ", ".join(f"{value:.0f}" for value in found["megabytes"]),
        ]
        rows.append(
            f"| {task} | {' | '.join(several)} | {found['start_seconds']:.1f} | {found['ms_an_image']:.2f} | "
            f"{found['line_misses_largest_by']:+.0%} | {found['further_image']:.2f} | "
            f"{found['megabytes_per_1000_images']:+.1f} |"
        )
    return "\n".join(rows)


def measure(
    counts: Sequence[int], tasks: Sequence[str], model: str, folder: Path
) -> dict[str, dict[str, Any]]:
    """Run each task on a data set of each size."""
    watches: dict[str, list[Watch]] = {task: [] for task in tasks}
    for count in counts:
        data = folder / str(count)
        generate(data, count)
        for task in tasks:
            command = commands(data, count, folder / f"{count}-{task}", model)[task]
            watches[task].append(watched(command, CODES)[1])
            print(
                f"{task} {count:,}: {sum(watches[task][-1].seconds.values()):.1f} s",
                file=sys.stderr,
                flush=True,
            )
    return {task: law(counts, found) for task, found in watches.items()}


def main(words: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--counts", default="100,1000,10000")
    parser.add_argument("--tasks", default="listing,splitting,checking,segmenting")
    parser.add_argument("--model", default="lungs")
    parser.add_argument("--output", "-o", type=Path)
    options = parser.parse_args(words)
    counts = [int(count) for count in options.counts.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        laws = measure(counts, options.tasks.split(","), options.model, Path(folder))
    print(table(laws))
    if options.output:
        options.output.write_text(json.dumps(laws, indent=1) + "\n", encoding="utf-8")
    return laws


if __name__ == "__main__":
    main()
