"""Milliseconds of processor time an image of each random transform of the bundle `lungs`.

    python benchmarks/augmentation.py --images 60 --repeats 5

Phantoms of 256 x 256 pixels with their classes are prepared once, and then augmented again and again. Each
transform is applied with its own probability, so that a row is its share of the time of a mean image; the
last row is the sum. The median is over the repeats, of which each takes all images.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import Any

import torch
from configs import shipped_config
from monai.transforms.compose import Compose

from cxrtk import readers


def transforms(images: int, size: int) -> tuple[list[dict[str, Any]], list[Any]]:
    """Prepared images (1, H, W) with labels (C, H, W), and the random transforms of the bundle."""
    reader = readers.create("phantom", count=images, size=size)
    config = shipped_config("unet_cxr", "lungs", reader=reader, image_size=size)
    prepare = Compose(config.get_parsed_content("train#deterministic_transforms"))
    prepared = [prepare({"image": item["image"], "label": item}) for item in reader.items()]
    return prepared, list(config.get_parsed_content("train#random_transforms"))


def measure(prepared: Sequence[dict[str, Any]], steps: Sequence[Any], repeats: int) -> dict[str, float]:
    """Milliseconds of an image by the name of a transform; the first pass over the images only warms up."""
    seconds: dict[str, list[float]] = {type(step).__name__: [] for step in steps}
    Compose(steps).set_random_state(seed=0)
    for _ in range(repeats + 1):
        spent = dict.fromkeys(seconds, 0.0)
        for image in prepared:
            sample = dict(image)
            for name, step in zip(seconds, steps, strict=True):
                begin = time.process_time()
                sample = step(sample)
                spent[name] += time.process_time() - begin
        for name, value in spent.items():
            seconds[name].append(value)
    return {name: 1000 * statistics.median(each[1:]) / len(prepared) for name, each in seconds.items()}


def main(arguments: list[str] | None = None) -> None:
    """Print a row for each transform, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    found = measure(*transforms(options.images, options.image_size), options.repeats)
    print("| transform | ms an image |\n| --- | --- |")
    for name, value in found.items():
        print(f"| `{name}` | {value:.2f} |")
    print(f"| all | {sum(found.values()):.2f} |")


if __name__ == "__main__":
    main()
