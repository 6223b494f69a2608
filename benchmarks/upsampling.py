"""The paper's U-Net with each upsampling and the convolution after it as one product, against two layers.

    python benchmarks/upsampling.py --image_size 256 --batch_size 2

Milliseconds of processor time an image, the least of several runs in turns; the ratio is the figure to quote.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from monai.inferers.inferer import SimpleInferer
from torch import nn

import cxrtk
from cxrtk.training import AutocastInferer


def layered(network: nn.Module) -> nn.Module:
    """Watch all convolutions of a network, which then runs its layers one after the other."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda *_: None)
    return network


def main(arguments: list[str] | None = None) -> None:
    """Print a row for inference and for training, in 32 bits and in bfloat16."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--batch_size", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=4)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    image = torch.rand(options.batch_size, 3, options.image_size, options.image_size)
    networks = {"one product": cxrtk.networks.create("paper_unet")}
    networks["two layers"] = layered(cxrtk.networks.create("paper_unet"))

    def inference(run: Callable[[], torch.Tensor]) -> None:
        with torch.no_grad():
            run()

    def training(run: Callable[[], torch.Tensor]) -> None:
        run().mean().backward()

    print("| | precision | two layers | one product | ratio |\n" + "| --- " * 5 + "|")
    for work in (inference, training):
        for precision, inferer in (("fp32", SimpleInferer()), ("bf16", AutocastInferer(bf16=True))):
            best: dict[str, float] = {}
            for _ in range(options.repeats):
                for name, network in networks.items():
                    start = time.process_time()
                    work(lambda f=inferer, net=network: f(image, net))
                    spent = 1000 * (time.process_time() - start) / options.batch_size
                    best[name] = min(spent, best.get(name, spent))
            two, one = best["two layers"], best["one product"]
            print(f"| {work.__name__} | {precision} | {two:.1f} | {one:.1f} | {two / one:.2f} |", flush=True)


if __name__ == "__main__":
    main()
