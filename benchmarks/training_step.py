"""Milliseconds of one training step of a network: in 32 bits, by `AutocastInferer`, and by `torch.compile`.

    python benchmarks/training_step.py --network paper_unet --image_size 256 --compile

The figure to quote is the ratio, taken in one run; times depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from configs import shipped_config
from monai.inferers.inferer import SimpleInferer

import cxrtk
from cxrtk.process.device import cpu_has_bf16
from cxrtk.training import AutocastInferer, BinaryCrossEntropy

LUNGS = "lungs"  # the network of that bundle


def network_named(name: str) -> tuple[torch.nn.Module, int, int]:
    """Return a network, and its numbers of channels in and out."""
    if name != LUNGS:
        return cxrtk.networks.create(name), 3, 1
    config = shipped_config("unet_cxr", LUNGS)
    channels = config["network_def"]["out_channels"]
    return config.get_parsed_content("network_def"), config["in_channels"], channels


def main() -> None:
    """Time the steps in turns, so that a slow moment of the machine meets both; print the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--network", default="paper_unet", choices=[*cxrtk.networks.names(), LUNGS])
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="also by torch.compile")
    args = parser.parse_args()

    torch.manual_seed(0)
    network, channels, classes = network_named(args.network)
    image = torch.rand(args.batch_size, channels, args.image_size, args.image_size)
    label = (torch.rand(args.batch_size, classes, args.image_size, args.image_size) > 0.5).float()
    networks = {"": network}
    if args.compile:
        networks[" compiled"] = torch.compile(network)
    ways = {
        f"{name}{how}": (inferer, network)
        for how, network in networks.items()
        for name, inferer in {"fp32": SimpleInferer(), "AutocastInferer": AutocastInferer()}.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(args.steps + 1):
        for name, (inferer, network) in ways.items():
            start = time.perf_counter()
            BinaryCrossEntropy()(inferer(image, network), label).backward()
            seconds[name].append(time.perf_counter() - start)
    # The first step warms up, and compiles.
    medians = {name: statistics.median(times[1:]) / args.batch_size for name, times in seconds.items()}
    print(f"{args.network}; bf16 in hardware: {cpu_has_bf16()}; threads: {torch.get_num_threads()}")
    print("| | ms an image and step | times as fast | first step, ms |\n| --- | --- | --- | --- |")
    for name, median in medians.items():
        faster, first = medians["fp32"] / median, seconds[name][0]
        print(f"| {name} | {1000 * median:.1f} | {faster:.2f} | {1000 * first:.1f} |")


if __name__ == "__main__":
    main()
