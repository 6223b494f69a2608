"""The formats of `cxrtk export` against torch, on real radiographs: logits, masks and speed.

    pip install -e ".[openvino,onnxruntime]"
    python benchmarks/formats.py --images 20 -o benchmarks/results/formats.json

Each file is written by `export_model` and run by the library that its users run it with, in 32 bits. The
images are spread evenly over all sources of the data folder. Dice is that of each class on each image where
the file or torch finds any of it, at the image's size, by the threshold alone. Images a second of processor
time are those of the network alone at its size, in batches of four, with one thread; the formats take turns,
and the median counts.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from backends import compared, radiographs, write
from tqdm import tqdm

from cxrtk import Radiograph, Segmentation
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.backends.base import FP32, Outputs
from cxrtk.models.backends.choice import TORCH
from cxrtk.models.find import find_model, members, path_of
from cxrtk.models.formats.export import FORMATS, export_model
from cxrtk.models.licence import licence_of
from cxrtk.models.model_file import Model
from cxrtk.models.views import prepare
from cxrtk.process.machine import host

BATCH, REPEATS = 4, 9
Run = Callable[[torch.Tensor], torch.Tensor]


class FileBackend:
    """A file in the place of a backend."""

    precision = FP32

    def __init__(self, name: str, run: Run) -> None:
        self.name, self.run = name, run

    def __call__(self, images: torch.Tensor) -> Outputs:
        """Compute the logits, as every backend."""
        return Outputs(self.run(images))


def runs_of(name: str, model: Model, folder: Path) -> dict[str, Run]:
    """Export the model in each format, and load each file; torch itself is the first."""

    @torch.no_grad()
    def network(images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = model.network(images)
        return logits

    licences = [licence_of(path_of(each)) for each in members(name)]
    runs: dict[str, Run] = {"torch": network}
    for suffix, each in FORMATS.items():
        export_model(model, folder / f"model{suffix}", licences)
        runs[f"{each.TITLE} (`{suffix}`)"] = each.load(folder / f"model{suffix}").run
    return runs


def per_second(runs: dict[str, Run], images: torch.Tensor) -> dict[str, float]:
    """Images a second of each, taking turns."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(REPEATS + 1):
        for name, run in runs.items():
            begin = time.process_time()
            run(images)
            times[name].append(time.process_time() - begin)
    return {name: len(images) / median(each[1:]) for name, each in times.items()}


def segmenter_of(model: Model, name: str, run: Run) -> Segmenter:
    """A segmenter without postprocessing and flag whose network is a file."""
    plain = replace(model, spec=replace(model.spec, quality={}))
    made = Segmenter(plain, backend=TORCH, precision=FP32, postprocess=False)
    made.predictor.backend = FileBackend(name, run)
    return made


def measure(name: str, model: Model, images: Sequence[Radiograph]) -> list[dict[str, Any]]:
    """One row a format."""
    with TemporaryDirectory() as folder:
        runs = runs_of(name, model, Path(folder))
        size = model.spec.image_size
        prepared = torch.stack([prepare(each.pixels, size) for each in images])
        prepared = prepared.expand(-1, model.spec.in_channels, -1, -1)
        expected = runs["torch"](prepared)
        speed = per_second(runs, prepared[:BATCH])
        segmenters = {each: segmenter_of(model, each, run) for each, run in runs.items()}
        overlaps: dict[str, list[float]] = {each: [] for each in runs}
        for image in tqdm(images):
            reference: Segmentation = segmenters["torch"].segment(image)
            for each, segmenter in segmenters.items():
                overlaps[each] += compared(reference, segmenter.segment(image))
        return [
            {
                "format": each,
                "logits": float((run(prepared) - expected).abs().max()),
                "dice": float(np.mean(overlaps[each])),
                "lowest_dice": min(overlaps[each]),
                "per_second": speed[each],
            }
            for each, run in runs.items()
        ]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """In markdown."""
    lines = ["| format | largest difference of logits | Dice to torch | lowest | images a second |"]
    lines.append("| --- | --- | --- | --- | --- |")
    lines += [
        f"| {row['format']} | {row['logits']:.2g} | {row['dice']:.5f} | {row['lowest_dice']:.4f} | "
        f"{row['per_second']:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare the formats."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs")
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--output", "-o", type=Path)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    data = Path(os.environ.get("CXRTK_DATA", "../shared/data"))
    model = find_model(options.model)
    images = list(radiographs(data, options.images))
    rows = measure(options.model, model, images)
    print(f"{options.model}, {len(images)} images, {host()['cpu']}")
    print(table(rows))
    if options.output:
        write(options.output, model, len(images), rows)


if __name__ == "__main__":
    main()
