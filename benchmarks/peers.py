"""Speed beside other tools, on one core: one network in every framework, and each tool as it ships.

    python benchmarks/peers.py --venvs DIR -o benchmarks/results/peers.json

Makes an environment for each peer below DIR, after it says what it downloads; an environment that is there
is used again. Images are digital phantoms, so that anyone can run it. The first table has the paper's U-Net,
trained on phantoms for a moment, with equal weights in Keras 3, plain PyTorch, MONAI's own loop and cxrtk:
milliseconds of processor time an image of a forward pass, of a training step, and from PNG files to PNG
masks, whose Dice with the masks of plain PyTorch shows that they are the same network (cxrtk averages
two places of the grid). The second has each tool as it ships, with its operations for an image; cxrtk is
timed again in the environment of each. The ceilings of the core are measured in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from robustness import dice

import cxrtk
from cxrtk import phantom
from cxrtk.models.model_file import ModelSpec, save_model
from cxrtk.process.machine import host
from cxrtk.training import AutocastInferer, BinaryCrossEntropy

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "benchmarks" / "peer_scripts"
CONSTRAINTS = ROOT / "constraints.txt"
TORCH = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
OURS = ("-c", str(CONSTRAINTS), "-e", f"{ROOT}[openvino]")
# Each peer's environment, as arguments of one or more calls of pip.
PEERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "keras": (("tensorflow-cpu==2.21.0", "keras==3.15.1", "pillow"),),
    "nnunet": ((TORCH, "nnunetv2==2.8.1"), OURS),
    "xrv": (
        (TORCH, "torchvision==0.28.0", "torchxrayvision==1.5.7", "segmentation-models-pytorch==0.6.0"),
        OURS,
    ),
}
TABLES = {  # name -> columns; milliseconds, but where the name says another unit
    "ceilings": ("gflops_a_second", "gbytes_a_second"),
    "frameworks": ("forward", "train", "files", "dice"),
    "tools": ("input", "gflops", "files"),
}


def environment(folder: Path, name: str) -> Path:
    """The Python of a peer's environment, which is made where it is not there."""
    python, done = folder / name / "bin" / "python", folder / name / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
        for words in PEERS[name]:
            print(f"{name}: pip install {' '.join(words)}", file=sys.stderr, flush=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *words], check=True)
        done.touch()
    return python


def rows(python: Path | str, script: str, *words: object) -> dict[str, dict[str, Any]]:
    """What a script of benchmarks/peer_scripts/ reports: name -> its numbers."""
    command = [python, SCRIPTS / script, *map(str, words)]
    variables = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "",
    }
    ended = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, dict[str, Any]] = {}
    for line in ended.stdout.splitlines():
        if line.startswith("RESULT "):
            row = json.loads(line.removeprefix("RESULT "))
            found.setdefault(row.pop("name"), {}).update(row)
    return found


def train(dataset: Path, steps: int, size: int = 128) -> torch.nn.Module:
    """The paper's U-Net after some steps on phantoms, so that its masks are masks and not noise."""
    torch.manual_seed(0)
    network, inferer = cxrtk.networks.create("paper_unet"), AutocastInferer()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    files = sorted((dataset / "images").glob("*.png"))

    def array(path: Path) -> torch.Tensor:
        return torch.from_numpy(np.array(Image.open(path).convert("L").resize((size, size)))).float() / 255

    # A model of cxrtk takes grey values from 0 to 1 less 0.5 and over 0.25; every loop does the same.
    images = (torch.stack([array(path) for path in files])[:, None].expand(-1, 3, -1, -1) - 0.5) / 0.25
    labels = (torch.stack([array(dataset / "masks" / path.name) for path in files])[:, None] > 0.5).float()
    for step in range(steps):
        chosen = torch.arange(step * 8, step * 8 + 8) % len(files)
        optimizer.zero_grad()
        BinaryCrossEntropy()(inferer(images[chosen], network), labels[chosen]).backward()
        optimizer.step()
    return network.eval()


def write_weights(network: torch.nn.Module, archive: Path, model: Path) -> None:
    """The same weights for every framework: an archive of arrays, and a model file of cxrtk."""
    layers = [layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)]
    arrays = {}
    for number, layer in enumerate(layers):
        assert layer.bias is not None
        arrays[f"{number}.weight"], arrays[f"{number}.bias"] = (
            layer.weight.detach().numpy(),
            layer.bias.detach().numpy(),
        )
    np.savez(archive, **arrays)
    definition = {"_target_": "cxrtk.networks.create", "name": "paper_unet"}
    spec = ModelSpec("paper_unet", definition, ("lungs",), image_size=256, in_channels=3)
    save_model(spec, network.state_dict(), model, half=False)


def mean_dice(one: Path, other: Path) -> float:
    """Mean Dice of the masks of two folders."""
    values = []
    for path in sorted(one.rglob("*.png")):
        (twin,) = other.rglob(path.name)
        first, second = (
            (np.asarray(Image.open(file).convert("L")) > 0).astype(np.uint8) for file in (path, twin)
        )
        values.append(dice(first, second))
    return round(float(np.mean(values)), 4)


def frameworks(work: Path, images: Path, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The first table."""
    write_weights(train(work / "dataset", options.steps), work / "weights.npz", work / "paper.safetensors")
    common = (work / "weights.npz", images, work / "masks", "--batch_size", options.batch_size)
    common = (*common, "--repeats", options.repeats)
    found = {}
    if "keras" in options.only:
        found |= rows(environment(options.venvs, "keras"), "keras_unet.py", *common)
    found |= rows(sys.executable, "torch_unet.py", *common, "--model", work / "paper.safetensors")
    truth = Path(found["PyTorch, fp32"]["masks"])
    for row in found.values():
        row["dice"] = mean_dice(Path(row.pop("masks")), truth)
    return found


def tools(work: Path, images: Path, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The second table."""
    found = {}
    repeats = ("--repeats", options.repeats)
    if "xrv" in options.only:
        found |= rows(environment(options.venvs, "xrv"), "shipped.py", images, work / "tools", *repeats)
    if "nnunet" in options.only:
        python = environment(options.venvs, "nnunet")
        own = rows(python, "shipped.py", images, work / "beside-nnunet", *repeats, "--only", "cxrtk")
        found |= {f"{name} (beside nnU-Net)": row for name, row in own.items()}
        found |= rows(python, "nnunet.py", work / "dataset", images, work / "tools", *repeats)
    return found


def table(found: Mapping[str, Mapping[str, Any]], columns: Iterable[str]) -> str:
    """Rows in Markdown; a dash for what was not measured."""
    names = list(columns)
    lines = [f"| | {' | '.join(names)} |", "| --- " * (len(names) + 1) + "|"]
    for name, row in found.items():
        lines.append(f"| {name} | {' | '.join(str(row.get(column, '-')) for column in names)} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Measure, print the tables, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--venvs", type=Path, default=Path("peers"), help="folder of the environments")
    parser.add_argument("--only", default=",".join(PEERS), help="comma-separated peers; none: our side alone")
    parser.add_argument("--tables", default=",".join(TABLES), help="tables, by commas")
    parser.add_argument("--images", type=int, default=24, help="phantoms of 512 x 512 to segment")
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200, help="of the training on phantoms")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args(arguments)
    options.only = [name for name in options.only.split(",") if name != "none"]
    options.venvs = options.venvs.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        phantom.write_nih(work / "dataset", max(options.images, 8), size=512)
        images = work / "images"
        images.mkdir()
        for path in sorted((work / "dataset" / "images").glob("*.png"))[: options.images]:
            (images / path.name).symlink_to(path)
        results: dict[str, Any] = {"cpu": host()["cpu"]}
        for name, columns in TABLES.items():
            if name not in options.tables.split(","):
                continue
            if name == "ceilings":
                results[name] = rows(sys.executable, "ceilings.py")
            else:
                results[name] = (frameworks if name == "frameworks" else tools)(work, images, options)
            print(table(results[name], columns), "\n", flush=True)
            if options.output:  # after each table, so that a peer that fails takes nothing else with it
                options.output.write_text(json.dumps(results, indent=1) + "\n")
    return results


if __name__ == "__main__":
    main()
