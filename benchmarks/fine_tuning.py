"""Dice before and after fine-tuning on a few images of another source, at original size, on all the others.

    python benchmarks/fine_tuning.py --model runs/openist-alone --data DIR --heart included --output runs/fine

A seed draws patients until they have --images images; a tenth of those chooses the checkpoint, the others
train. All images of all other patients are tested, with the model as it was and as it is afterwards. Training
is the command of docs/fine_tuning.md. With --scratch the same training begins with random weights too.

"Before" means something only for a model that has seen no image of this source. Where the masks run through
the heart, the model's own lungs (heart excluded) are compared too: they tell how much of the difference is
that of the conventions.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from intervals import worst_decile
from robustness import dice
from tqdm import tqdm

from cxrtk import Reader, readers
from cxrtk.data.splits import Split
from cxrtk.inference.scoring.finders import ModelLungs
from cxrtk.models.find import find_model

OVERLAYS = ("unet_cxr", "lungs", "fine_tune")
OUTPUTS = {"excluded": ("right_lung", "left_lung"), "included": ("lungs_with_heart",)}
Item = Mapping[str, Any]


def draw(items: Sequence[Item], images: int, seed: int) -> Split:
    """Patients in a random order until they have as many images; a tenth of them, at least one, validates."""
    patients = sorted({str(item["patient"]) for item in items})
    np.random.default_rng(seed).shuffle(patients)
    chosen: list[str] = []
    while sum(str(item["patient"]) in chosen for item in items) < images:
        chosen.append(patients[len(chosen)])
    validation = chosen[: max(1, len(chosen) // 10)]

    def of(some: Sequence[str]) -> list[Item]:
        return [item for item in items if str(item["patient"]) in some]

    return Split(of(chosen[len(validation) :]), of(validation), of(patients[len(chosen) :]))


def train(name: str, pretrained: str, splits: Path, options: argparse.Namespace) -> Path:
    """Run the bundle; return the run's folder."""
    configs = [str(options.bundles / f"{each}.json") for each in OVERLAYS]
    settings = {
        "config_file": str(configs),
        "dataset_dir": options.data,
        "heart": options.heart,
        "split_file": splits,
        "pretrained": pretrained,
        "max_epochs": options.epochs,
        "seed": options.seed,
        "output_dir": options.output,
        "run_name": name,
        "run": "['$@train#trainer.run()']",  # the test is ours
    }
    words = [word for key, value in settings.items() for word in (f"--{key}", str(value))]
    subprocess.run([sys.executable, "-m", "monai.bundle", "run", *words], check=True, stdout=sys.stderr)
    return Path(options.output) / name


def measure(model: str, items: Sequence[Item], reader: Reader, outputs: Sequence[str]) -> np.ndarray:
    """Dice of each item at its original size, post-processed as `cxrtk segment` does it."""
    found = ModelLungs(find_model(model), classes=outputs)
    values = []
    for item in tqdm(items, leave=False, disable=None):
        label = reader.read_label(item)
        assert label is not None
        lungs = found(str(item["image"]), reader.read(item["image"]), label.heart).mask
        values.append(dice(lungs, label.lungs().astype(np.float32)))
    return np.array(values)


def row(name: str, values: np.ndarray) -> str:
    """Mean, standard deviation, mean of the worst tenth, and how many are below 0.9."""
    below = f"{(values < 0.9).sum()} of {len(values)}"
    return f"| {name} | {values.mean():.4f} ({values.std():.4f}) | {worst_decile(values):.4f} | {below} |"


def main() -> None:
    """Print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="shipped", help="what is fine-tuned: a run, or a model file")
    parser.add_argument("--data", type=Path, required=True, help="folder with images/ and masks/")
    parser.add_argument(
        "--heart", choices=sorted(OUTPUTS), default="excluded", help="how its masks are drawn"
    )
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scratch", action="store_true", help="train from random weights too")
    parser.add_argument("--output", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--bundles", type=Path, default=Path("bundles"), help="folder of the configs")
    options = parser.parse_args()
    reader = readers.create("image_mask_folder", root=options.data, heart=options.heart)
    split = draw(reader.items(), options.images, options.seed)
    splits = options.output / f"splits-{options.images}-{options.seed}.json"
    split.save(splits)
    before = "lungs" if options.model == "shipped" else options.model
    counts = f"{len(split.train)} train, {len(split.validation)} validate, {len(split.test)} test"
    print(f"{counts}, of other patients each\n\n| model | Dice (SD) | worst decile | below 0.9 |")
    print("| --- " * 4 + "|", flush=True)
    for heart, outputs in OUTPUTS.items():
        if heart in ("excluded", options.heart):
            words = f"before, {' and '.join(outputs)}"
            print(row(words, measure(before, split.test, reader, outputs)), flush=True)
    starts = {"fine-tuned": options.model, **({"from random weights": ""} if options.scratch else {})}
    for words, pretrained in starts.items():
        name = f"{words.replace(' ', '-')}-{options.images}-{options.seed}"
        run = train(name, pretrained, splits, options)
        values = measure(str(run), split.test, reader, OUTPUTS[options.heart])
        print(row(f"{words}, {options.epochs} epochs", values), flush=True)


if __name__ == "__main__":
    main()
