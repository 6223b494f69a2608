"""What one GPU does for training and inference: images a second, share of its bf16 limit, GPU against CPU.

    make bench-gpu                                  # eight minutes on one GPU
    python benchmarks/gpu.py --device cpu --tiny    # seconds, to see that it runs; its numbers mean nothing

For each network, with and without `torch.compile`: training and inference in images a second, at the first
batch size that is named; the share of the bf16 limit, measured by a product of matrices on the same device;
and the hours of the paper's job, epochs of 40,000 images. The ratio of GPU and CPU is the one that the paper
gives as 3.0. With --jsrt a folder of images/ and masks/, packed into one array on the device, it trains for
some minutes and prints the Dice of images that were not trained on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

import cxrtk
from cxrtk.process.machine import host, versions
from cxrtk.training import BinaryCrossEntropy
from cxrtk.training.timing import rate

PAPER_IMAGES, PAPER_EPOCHS = 40_000, 10  # the paper's epoch, and this bundle's number of them
NETWORKS = ("paper_unet", "basic_unet")


@dataclass(frozen=True)
class Line:
    """One measurement.

    Attributes:
        network: Name of the network.
        compiled: Whether by `torch.compile`.
        train: Images a second in training.
        infer: Images a second in inference.
        train_share: Share of the device's bf16 limit in training.
        infer_share: Share of it in inference.
        paper_hours: Hours of the paper's job by the network alone.
    """

    network: str
    compiled: bool
    train: float
    infer: float
    train_share: float
    infer_share: float
    paper_hours: float


class Model:
    """A network with bf16 autocast, channels-last memory and the fused Adam, as a step on one batch."""

    def __init__(self, name: str, device: torch.device, *, compiled: bool, bf16: bool = True) -> None:
        torch.manual_seed(0)
        self.device = device
        self.bf16 = bf16
        self.network = cxrtk.networks.create(name).to(device, memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=5e-4, fused=True)
        self.forward: Callable[..., Any] = torch.compile(self.network) if compiled else self.network
        self.loss = BinaryCrossEntropy()

    def autocast(self) -> Any:
        """Computes in bf16 where asked."""
        return torch.autocast(self.device.type, torch.bfloat16) if self.bf16 else nullcontext()

    def train(self, image: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """One step; gives the loss, on the device."""
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        with self.autocast():
            logits = self.forward(image)
        loss: torch.Tensor = self.loss(logits.float(), label)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def infer(self, image: torch.Tensor) -> torch.Tensor:
        """Masks, (B, 1, H, W) of booleans."""
        self.network.eval()
        with self.autocast():
            found: torch.Tensor = self.forward(image) > 0
        return found


def waiter(device: torch.device) -> Callable[[], None]:
    """Wait for what the device still computes."""
    return torch.cuda.synchronize if device.type == "cuda" else lambda: None


def limit(device: torch.device, seconds: float, size: int) -> float:
    """Floating-point operations a second of a bf16 product of two matrices of `size` rows and columns."""
    one, other = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    found = rate(lambda: one @ other, 1, seconds=seconds, synchronise=waiter(device))
    return found.high * 2 * size**3


def operations(model: Model, image: torch.Tensor) -> float:
    """Floating-point operations of one image in inference; training takes three times as many."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.network(image[:1])
    return float(counter.get_total_flops())


def measure(model: Model, name: str, args: argparse.Namespace, peak: float, *, compiled: bool) -> Line:
    """Time one network in training and in inference."""
    shape = (args.batch_size, 3, args.image_size, args.image_size)
    image = torch.rand(shape, device=model.device).contiguous(memory_format=torch.channels_last)
    label = (image[:, :1] > 0.5).float()
    flops = operations(model, image)
    timed = {"seconds": args.seconds, "synchronise": waiter(model.device)}
    train = rate(lambda: model.train(image, label), args.batch_size, **timed).median
    infer = rate(lambda: model.infer(image), args.batch_size, **timed).median
    return Line(
        network=name,
        compiled=compiled,
        train=train,
        infer=infer,
        train_share=train * 3 * flops / peak,
        infer_share=infer * flops / peak,
        paper_hours=PAPER_IMAGES * PAPER_EPOCHS / train / 3600,
    )


def pack(folder: Path, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images, (N, 1, size, size) in [-2, 2], and masks of a folder, as two arrays in memory."""
    images, masks = [], []
    for file in sorted((folder / "images").glob("*.png")):
        grey = np.asarray(Image.open(file).convert("F").resize((size, size), Image.Resampling.BOX))
        low, high = np.percentile(grey, (1, 99))
        images.append(np.clip((grey - low) / max(high - low, 1e-6), 0, 1) * 4 - 2)
        mask = Image.open(folder / "masks" / file.name).convert("L")
        masks.append(np.asarray(mask.resize((size, size), Image.Resampling.NEAREST)) > 0)
    return (
        torch.from_numpy(np.stack(images).astype(np.float32))[:, None],
        torch.from_numpy(np.stack(masks).astype(np.float32))[:, None],
    )


def shifted(image: torch.Tensor, label: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Rotate, scale and shift a batch at random on its device, image and label alike."""
    count, device = len(image), image.device
    angle = (torch.rand(count, device=device) - 0.5) * 0.3
    scale = 1 + (torch.rand(count, device=device) - 0.5) * 0.3
    shift = (torch.rand(count, 2, device=device) - 0.5) * 0.12
    turn = torch.stack([scale * angle.cos(), -scale * angle.sin(), shift[:, 0]], 1)
    other = torch.stack([scale * angle.sin(), scale * angle.cos(), shift[:, 1]], 1)
    theta = torch.stack([turn, other], 1)
    grid = torch.nn.functional.affine_grid(theta, list(image.shape), align_corners=False)
    moved = torch.nn.functional.grid_sample(image + 2, grid, align_corners=False) - 2
    return moved, torch.nn.functional.grid_sample(label, grid, mode="nearest", align_corners=False)


def dice_after(
    folder: Path, device: torch.device, minutes: float, args: argparse.Namespace
) -> dict[str, float]:
    """Train the paper's network for some minutes on four fifths of a folder; Dice on the rest."""
    image, label = (part.to(device) for part in pack(folder, args.image_size))
    order = torch.randperm(len(image), generator=torch.Generator().manual_seed(0)).to(device)
    test, train = order[: len(order) // 5], order[len(order) // 5 :]
    model = Model("paper_unet", device, compiled=False)
    until, steps = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < until:
        chosen = train[torch.randint(len(train), (args.batch_size,), device=device)]
        moved, target = shifted(image[chosen], label[chosen])
        model.train(moved.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last), target)
        steps += 1
        if steps % 20 == 0:
            waiter(device)()  # else the clock runs ahead of the device
    found = torch.cat([model.infer(image[[n]].expand(-1, 3, -1, -1)) for n in test.tolist()]).float()
    common = (found * label[test]).sum(dim=(1, 2, 3))
    dice = 2 * common / (found.sum(dim=(1, 2, 3)) + label[test].sum(dim=(1, 2, 3))).clamp(min=1)
    return {"minutes": minutes, "steps": steps, "images": len(test), "dice": float(dice.mean())}


def run(args: argparse.Namespace) -> dict[str, Any]:
    """All measurements, as plain values."""
    device = torch.device(args.device)
    peak = limit(device, args.seconds, 256 if args.tiny else 8192)
    networks = NETWORKS[1:] if args.tiny else NETWORKS
    lines = [
        measure(Model(name, device, compiled=compiled), name, args, peak, compiled=compiled)
        for name in networks
        for compiled in ([False] if args.no_compile else [False, True])
    ]
    result: dict[str, Any] = {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "host": host(),
        "versions": versions(),
        "image_size": args.image_size,
        "batch_size": args.batch_size,
        "bf16_operations_per_second": peak,
        "lines": [asdict(line) for line in lines],
    }
    if device.type == "cuda":
        on_cpu = argparse.Namespace(**{**vars(args), "batch_size": 4})
        cpu = torch.device("cpu")
        slow = measure(Model(NETWORKS[0], cpu, compiled=False), NETWORKS[0], on_cpu, peak, compiled=False)
        result["cpu"] = {"train": slow.train, "infer": slow.infer}
        result["gpu_to_cpu"] = {"train": lines[0].train / slow.train, "infer": lines[0].infer / slow.infer}
    if args.jsrt is not None:
        result["jsrt"] = dice_after(args.jsrt, device, args.minutes, args)
    return result


def show(result: dict[str, Any]) -> None:
    """Print the table."""
    print(f"{result['device']}; bf16 limit {result['bf16_operations_per_second'] / 1e12:.2f} TFLOP/s")
    heads = ("network", "compiled", "train/s", "share", "infer/s", "share", "paper, h")
    print("{:12} {:8} {:>9} {:>6} {:>9} {:>6} {:>9}".format(*heads))
    for line in result["lines"]:
        print(
            f"{line['network']:12} {line['compiled']!s:8} {line['train']:9.1f} {line['train_share']:6.1%} "
            f"{line['infer']:9.1f} {line['infer_share']:6.1%} {line['paper_hours']:9.2f}"
        )
    if "gpu_to_cpu" in result:
        ratio = result["gpu_to_cpu"]
        print(f"GPU to CPU: training {ratio['train']:.1f}, inference {ratio['infer']:.1f} (the paper: 3.0)")
    if "jsrt" in result:
        print("Dice after {minutes} minutes on {images} other images: {dice:.4f}".format(**result["jsrt"]))


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, and write the JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--jsrt", type=Path, help="folder of images/ and masks/")
    parser.add_argument("--minutes", type=float, default=2.0, help="of training on --jsrt")
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--tiny", action="store_true", help="small and short: only to see that it runs")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/gpu.json"))
    args = parser.parse_args(arguments)
    if args.device.startswith("cuda") and not torch.cuda.is_available():
        parser.exit(
            2, "bench-gpu: error: there is no GPU here; say --device cpu --tiny to see that it runs.\n"
        )
    if args.tiny:
        args.image_size, args.batch_size, args.seconds, args.no_compile = 32, 2, 0.05, True
        args.minutes = min(args.minutes, 0.02)
    result = run(args)
    show(result)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
