"""The paper's U-Net in plain PyTorch, in MONAI's own loop, and in cxrtk: the numbers of `keras_unet.py`.

    python torch_unet.py WEIGHTS.npz IMAGES MASKS --model MODEL.safetensors

Plain PyTorch runs a network of its own that is written here, layer by layer. MONAI's loop is `LoadImaged`,
`ScaleIntensityRangePercentilesd`, `Resized`, `SupervisedEvaluator`, `Invertd`, `SaveImaged`, in 32 bits, as
its engines have no autocast on CPUs. cxrtk runs `cxrtk segment` in a process of its own: its files are what a
pass over all takes more than one over a single batch. It always runs the network twice on an image, in two
places of its grid, where the others run it once. All stretch grey values between their percentiles 1 and 99.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from timing import milliseconds, report, stretched

import numpy as np  # isort: skip  # after the number of threads is set
import torch
import torch.nn.functional as F
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator
from monai.inferers import SimpleInferer
from monai.transforms import Compose
from PIL import Image
from torch import nn

import cxrtk
from cxrtk.training import AutocastInferer

SIZE = 256


class Plain(nn.Module):
    """The 22 convolutions of the paper, as one writes them down."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        with np.load(weights) as stored:
            arrays = [
                (torch.from_numpy(stored[f"{number}.weight"]), torch.from_numpy(stored[f"{number}.bias"]))
                for number in range(22)
            ]
        self.layers = nn.ModuleList(nn.Conv2d(w.shape[1], w.shape[0], 3, padding=1) for w, _ in arrays)
        for layer, (weight, bias) in zip(self.layers, arrays, strict=True):
            layer.load_state_dict({"weight": weight, "bias": bias})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) -> (B, 1, H, W) logits."""
        layers = iter(self.layers)

        def convolved(x: torch.Tensor) -> torch.Tensor:
            return F.relu(next(layers)(x))

        skips = []
        for _ in range(4):
            x = convolved(convolved(x))
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = convolved(x)
        for skip in reversed(skips):
            x = convolved(F.interpolate(x, scale_factor=2.0, mode="nearest"))
            x = convolved(torch.cat([skip, convolved(x)], 1))
        logits: torch.Tensor = next(layers)(x)
        return logits


def autocast(bf16: bool) -> Any:
    """As PyTorch offers bfloat16."""
    return torch.autocast("cpu", torch.bfloat16) if bf16 else nullcontext()


def train_step(network: nn.Module, forward: Callable[..., torch.Tensor], batch: int) -> Callable[[], None]:
    """A step of Adam on binary cross entropy; forward maps images to logits."""
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-4)
    image = torch.rand(batch, 3, SIZE, SIZE)
    label = (image[:, :1] > 0.5).float()

    def step() -> None:
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(forward(image).float(), label).backward()
        optimizer.step()

    return step


@torch.no_grad()
def plain_files(network: nn.Module, files: list[Path], masks: Path, batch: int, *, bf16: bool) -> None:
    """Read, run, write: the loop that most people write first."""
    for start in range(0, len(files), batch):
        names = files[start : start + batch]
        pixels = [Image.fromarray(stretched(Image.open(path).convert("L"))) for path in names]
        small = [np.asarray(one.resize((SIZE, SIZE), Image.Resampling.BILINEAR)) for one in pixels]
        images = torch.from_numpy(np.stack(small))[:, None].expand(-1, 3, -1, -1) * 4 - 2
        with autocast(bf16):
            found = network(images).float().sigmoid()
        for path, one, probability in zip(names, pixels, found, strict=True):
            full = F.interpolate(probability[None], one.size[::-1], mode="bilinear")[0, 0] > 0.5
            Image.fromarray(full.numpy().astype(np.uint8) * 255).save(masks / path.name)


def monai_files(network: nn.Module, files: list[Path], masks: Path, batch: int, **_: bool) -> None:
    """MONAI's transforms and engine, as its bundles put them together."""
    import monai.transforms as mt

    before = Compose(
        [
            mt.LoadImaged("image", ensure_channel_first=True),
            mt.Transposed("image", (0, 2, 1)),  # MONAI reads a PNG file as [x, y]
            mt.ScaleIntensityRangePercentilesd("image", 1, 99, -2, 2, clip=True),
            mt.Resized("image", (SIZE, SIZE), mode="bilinear", anti_aliasing=True),
            mt.RepeatChanneld("image", 3),
        ]
    )
    after = Compose(
        [
            mt.Activationsd("pred", sigmoid=True),
            mt.Invertd("pred", before, "image", nearest_interp=False),
            mt.AsDiscreted("pred", threshold=0.5),
            mt.SaveImaged(
                "pred", output_dir=masks, output_ext=".png", output_postfix="", scale=255,
                separate_folder=False, print_log=False, resample=False,
            ),
        ]
    )  # fmt: skip
    loader = DataLoader(Dataset([{"image": str(path)} for path in files], before), batch_size=batch)
    SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=loader,
        network=network,
        inferer=SimpleInferer(),
        postprocessing=after,
        decollate=True,
    ).run()


def cxrtk_files(
    model: Path, images: Path, masks: Path, few: int, *words: str, repeats: int = 2, at_least: int = 1
) -> float:
    """Milliseconds of processor time of `cxrtk segment`, of each image beyond the first `few`.

    The least of several runs over a few images is taken from the least over all; another run warms up, since
    the first one with a backend checks it. Images are taken again until there are `at_least`: a process takes
    seconds to start, and not always the same number.
    """
    once = sorted(images.glob("*.png"))
    files = [(f"{turn}_" if turn else "", path) for turn in range(-(-at_least // len(once))) for path in once]

    def spent(names: list[tuple[str, Path]], output: Path) -> float:
        with tempfile.TemporaryDirectory() as folder:
            for prefix, path in names:
                Path(folder, prefix + path.name).symlink_to(path.resolve())
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-m", "cxrtk", "segment", "-i", folder, "-o", str(output), "-q"]
            subprocess.run([*command, "--model", str(model), *words], check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    with tempfile.TemporaryDirectory() as scratch:
        short = [spent(files[:few], Path(scratch, str(number))) for number in range(repeats + 1)][1:]
        long = [spent(files, Path(scratch, f"all {number}")) for number in range(repeats - 1)]
    long.append(spent(files, masks))
    return round(1000 * (min(long) - min(short)) / (len(files) - few), 2)


def main() -> None:
    """Measure each with 32 bits and with bfloat16."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="the same weights as a model file of cxrtk")
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    batch, repeats = options.batch_size, options.repeats
    files = sorted(options.images.glob("*.png"))
    image = torch.rand(batch, 3, SIZE, SIZE)
    ours = cxrtk.networks.create("paper_unet")
    for precision, bf16 in (("fp32", False), ("bf16", True)):
        for name, loop in (("PyTorch", plain_files), ("MONAI", monai_files)):
            if bf16 and loop is monai_files:
                continue  # its engines use autocast on CUDA only
            network = Plain(options.weights).eval()
            masks = options.masks / f"{name}-{precision}"
            masks.mkdir(parents=True, exist_ok=True)

            def forward(x: torch.Tensor, network: nn.Module = network, bf16: bool = bf16) -> torch.Tensor:
                with autocast(bf16):
                    found: torch.Tensor = network(x)
                return found

            def on_files(
                loop: Callable[..., None] = loop, network: nn.Module = network, to: Path = masks
            ) -> None:
                loop(network, files, to, batch, bf16=bf16)  # noqa: B023 - called at once

            with torch.no_grad():
                numbers = {"forward": milliseconds(lambda f=forward: f(image), batch, repeats)}
            numbers["files"] = milliseconds(on_files, len(files), max(repeats - 1, 1))
            numbers["train"] = milliseconds(train_step(network, forward, batch), batch, repeats)
            report(f"{name}, {precision}", masks=str(masks), **numbers)
        inferer = AutocastInferer(bf16=bf16)
        masks = options.masks / f"cxrtk-{precision}"
        with torch.no_grad():
            numbers = {"forward": milliseconds(lambda f=inferer: f(image, ours.eval()), batch, repeats)}
        words = (
            "-ot",
            "png",
            "--no-preview",
            "--no-postprocess",
            "--backend",
            "torch",
            "--precision",
            precision,
        )
        numbers["files"] = cxrtk_files(options.model, options.images, masks, batch, *words, repeats=repeats)
        step = train_step(ours.train(), lambda x, f=inferer: f(x, ours), batch)
        numbers["train"] = milliseconds(step, batch, repeats)
        report(f"cxrtk, {precision}", masks=str(masks), **numbers)
    masks = options.masks / "cxrtk-openvino"
    words = (*words[:-4], "--backend", "openvino")
    files_by_openvino = cxrtk_files(options.model, options.images, masks, batch, *words, repeats=repeats)
    report("cxrtk, OpenVINO", masks=str(masks), files=files_by_openvino)


if __name__ == "__main__":
    main()
