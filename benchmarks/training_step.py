"""Seconds of one training step of a network: plain fp32 against what `AutocastInferer` does.

    python benchmarks/training_step.py --network paper_unet --image_size 256

The figure to quote is the ratio, taken in one run; seconds depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import time

import torch
from monai.inferers.inferer import SimpleInferer

import cxrtk
from cxrtk.process.device import cpu_has_bf16
from cxrtk.training import AutocastInferer, BinaryCrossEntropy


def main() -> None:
    """Time the steps in turns, so that a slow moment of the machine meets both; print the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--network", default="paper_unet", choices=cxrtk.networks.names())
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--steps", type=int, default=5)
    args = parser.parse_args()

    torch.manual_seed(0)
    image = torch.rand(args.batch_size, 3, args.image_size, args.image_size)
    label = (torch.rand(args.batch_size, 1, args.image_size, args.image_size) > 0.5).float()
    inferers = {"fp32": SimpleInferer(), "AutocastInferer": AutocastInferer()}
    seconds: dict[str, list[float]] = {name: [] for name in inferers}
    network = cxrtk.networks.create(args.network)
    for step in range(args.steps + 1):
        for name, inferer in inferers.items():
            start = time.perf_counter()
            BinaryCrossEntropy()(inferer(image, network), label).backward()
            if step:  # the first one warms up
                seconds[name].append(time.perf_counter() - start)
    medians = {name: sorted(times)[len(times) // 2] / args.batch_size for name, times in seconds.items()}
    print(f"bf16 in hardware: {cpu_has_bf16()}; threads: {torch.get_num_threads()}")
    for name, median in medians.items():
        print(f"{name:16} {median:.3f} s an image and step")
    print(f"ratio            {medians['fp32'] / medians['AutocastInferer']:.2f}")


if __name__ == "__main__":
    main()
