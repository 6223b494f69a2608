"""Tools as they ship, in the environment that this script runs in: TorchXRayVision, smp and cxrtk.

    python shipped.py IMAGES MASKS --repeats 2 [--only cxrtk]

TorchXRayVision's `PSPNet` downloads its weights when it is made; here its inner network has
random ones, which take as long. It gives masks of 512 x 512 and writes no files, so files are read and
written by the loop that its examples have. smp's U-Net with a ResNet-34 runs on
512 x 512 in the same loop.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from pathlib import Path

from timing import gflops, milliseconds, report

import numpy as np  # isort: skip  # after the number of threads is set
import torch
from PIL import Image
from torch import nn

SIZE = 512
ENOUGH = 96  # images of a pass of cxrtk, so that its start is little beside it
# Operators that torchvision asks for on import; its wheels for CUDA lack them beside a torch for CPUs.
OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
for _name in ("nms", "qnms"):
    if importlib.util.find_spec("torchvision") and not hasattr(torch.ops.torchvision, _name):
        OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def xrayvision() -> Callable[[np.ndarray], np.ndarray]:
    """Grey values of 512 x 512 -> lungs, by the code of TorchXRayVision with random weights."""
    import torchxrayvision as xrv
    from torchvision.transforms import Compose, Normalize
    from torchxrayvision.baseline_models.chestx_det import PSPNet
    from torchxrayvision.baseline_models.chestx_det.ptsemseg.pspnet import pspnet

    model = PSPNet.__new__(PSPNet)
    nn.Module.__init__(model)
    model.transform = Compose([Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    model.model = pspnet(len(PSPNet.targets)).eval()
    report(
        "TorchXRayVision 1.5.7, PSPNet",
        input=f"{SIZE} x {SIZE}",
        gflops=gflops(model.model, torch.rand(1, 3, SIZE, SIZE)),
    )

    def run(grey: np.ndarray) -> np.ndarray:
        image = torch.from_numpy(xrv.datasets.normalize(grey, 255)[None, None]).float()
        found = model(image)[0].sigmoid() > 0.5
        return (found[4] | found[5]).numpy()

    return run


def smp() -> Callable[[np.ndarray], np.ndarray]:
    """Grey values of 512 x 512 -> lungs, by smp's U-Net."""
    from segmentation_models_pytorch import Unet

    model = Unet("resnet34", encoder_weights=None, in_channels=1, classes=1).eval()
    report(
        "smp 0.6.0, U-Net with ResNet-34",
        input=f"{SIZE} x {SIZE}",
        gflops=gflops(model, torch.rand(1, 1, SIZE, SIZE)),
    )

    def run(grey: np.ndarray) -> np.ndarray:
        found: np.ndarray = (model(torch.from_numpy(grey[None, None]).float() / 255)[0, 0] > 0).numpy()
        return found

    return run


@torch.no_grad()
def on_files(run: Callable[[np.ndarray], np.ndarray], files: list[Path], masks: Path) -> None:
    """Read, run one image at a time, write at the image's own size."""
    for path in files:
        image = Image.open(path).convert("L")
        grey = np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BILINEAR))
        mask = Image.fromarray(run(grey).astype(np.uint8) * 255)
        mask.resize(image.size, Image.Resampling.NEAREST).save(masks / path.name)


def ours(images: Path, masks: Path) -> None:
    """The shipped model with its three views and its flag, by each backend that is installed."""
    from torch_unet import cxrtk_files

    from cxrtk.models.find import find_model

    model = find_model("lungs")
    numbers = {
        "input": "256 x 256",
        "gflops": round(3 * gflops(model.network, torch.rand(1, 1, 256, 256)), 1),  # of the three views
    }
    for backend in ("torch", "openvino"):
        if backend == "openvino" and importlib.util.find_spec("openvino") is None:
            continue
        words = ("-ot", "png,json,csv", "--no-preview", "--backend", backend)
        spent = cxrtk_files(Path("lungs"), images, masks / f"cxrtk-{backend}", 4, *words, at_least=ENOUGH)
        report(f"cxrtk, lungs, three views and flag, {backend}", files=spent, **numbers)


def main() -> None:
    """Measure what is installed here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--only", choices=("cxrtk",), help="no other tools")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    files = sorted(options.images.glob("*.png"))
    if options.only is None:
        tools = {"TorchXRayVision 1.5.7, PSPNet": xrayvision, "smp 0.6.0, U-Net with ResNet-34": smp}
        for number, (name, make) in enumerate(tools.items()):
            run = make()
            output = options.masks / f"tool-{number}"
            output.mkdir(parents=True, exist_ok=True)
            spent = milliseconds(
                lambda run=run, output=output: on_files(run, files, output), len(files), options.repeats
            )
            report(name, files=spent)
    ours(options.images, options.masks)


if __name__ == "__main__":
    main()
