"""Milliseconds of an image in training and in segmentation, without and with huge pages of memory.

    python benchmarks/huge_pages.py --repeats 4

Linux gives memory in pages of 4 KB, or of 2 MB to programs that request it; where
/sys/kernel/mm/transparent_hugepage/enabled says `[madvise]`, glibc does so by GLIBC_TUNABLES, which it reads
when a process starts. Each measurement is therefore a process of its own. Both states run in turns, in
processor time on one thread, and the least of all turns counts: quote the ratio. The training step is that of
the bundle `lungs` (`training_step.py` measures it alone); `Segmenter` segments phantoms by `lungs`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import torch
from throughput import keep_least
from training_step import LUNGS, network_named

from cxrtk import Radiograph, Segmenter, load_model, phantom
from cxrtk.process.huge_pages import REQUEST, VARIABLE
from cxrtk.training import AutocastInferer, BinaryCrossEntropy

STATES = {"small pages": "", "huge pages": REQUEST}  # name -> VARIABLE of the environment
BATCH, STEPS = 8, 6


def least(task: Callable[[], object], images: int) -> float:
    """Milliseconds of processor time an image, the least of `STEPS` after one that warms up."""
    task()
    seconds = []
    for _ in range(STEPS):
        before = time.process_time()
        task()
        seconds.append(time.process_time() - before)
    return 1000 * min(seconds) / images


def measure(image_size: int) -> dict[str, float]:
    """Name of a task -> milliseconds an image, in this process."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network, channels, classes = network_named(LUNGS)
    image = torch.rand(BATCH, channels, image_size, image_size)
    label = (torch.rand(BATCH, classes, image_size, image_size) > 0.5).float()
    inferer, loss = AutocastInferer(), BinaryCrossEntropy()
    segmenter = Segmenter(load_model("lungs"))
    radiographs = [Radiograph(phantom.draw(seed).pixels) for seed in range(BATCH)]
    return {
        f"training step, {image_size} px": least(
            lambda: loss(inferer(image, network), label).backward(), BATCH
        ),
        "segmentation": least(lambda: segmenter.batch(radiographs), BATCH),
    }


def in_turns(image_size: int, repeats: int) -> dict[str, dict[str, float]]:
    """Name of a task -> state -> the least milliseconds of all turns, a new process each."""
    found: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        for state, tunables in STATES.items():
            environment = {**os.environ, VARIABLE: tunables, "OMP_NUM_THREADS": "1"}
            words = [sys.executable, __file__, "--here", "--image_size", str(image_size)]
            ended = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            for name, milliseconds in json.loads(ended.stdout.splitlines()[-1]).items():
                keep_least(found, name, state, milliseconds)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for each task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--image_size", type=int, default=256, help="of the training step")
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--here", action="store_true", help="measure in this process, and print JSON")
    options = parser.parse_args(arguments)
    if options.here:
        print(json.dumps(measure(options.image_size)))
        return
    print(f"| ms an image | {' | '.join(STATES)} | times as fast |\n| --- | --- | --- | --- |")
    for name, row in in_turns(options.image_size, options.repeats).items():
        small, huge = (row[state] for state in STATES)
        print(f"| {name} | {small:.1f} | {huge:.1f} | {small / huge:.2f} |")


if __name__ == "__main__":
    main()
