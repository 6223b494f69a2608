"""What threshold masks can and cannot show: four numbers, on the same test images of one split.

    python benchmarks/weak_labels.py --data ../shared/data --output runs/weak [--seeds 0,1,2]

For each data set:
(a) the U-Net trained on generated masks, against generated masks;
(b) the generated masks, against masks by humans;
(c) the U-Net trained on generated masks, against masks by humans;
(d) the U-Net trained on masks by humans, against masks by humans.

The generated masks choose the checkpoint of (a) and (c) too: no human mask is looked at before the test.
The networks, `paper_unet`, are trained by the bundles unet_cxr and human_masks, and all is measured by
`cxrtk evaluate` at the images' original size; both commands are printed. A table of paired differences
follows: whether each network is better than the generated masks it was, or could have been, taught by.
A seed is that of the split and of the weights; of several there are the tables of each, then one of all.

--also tries to beat the teacher with its masks alone; each is a row of its own:
confident: the loss leaves out a band of BAND pixels on either side of the generated outline;
short: SHORT of the epochs, so that less of the masks' faults is learned;
confident_short: both;
smooth: the loss adds the length of the outline, so that ragged ones cost;
shape: the masks of (c), each replaced by the nearest shape of a linear model of the generated masks of
the training images (shape_model.py).

What is done is not done again: run it once more after a stop, and it goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from shape_model import make_regular
from torch import nn

from cxrtk import readers
from cxrtk.data.splits import split_by_patient

GENERATOR = "mean_threshold"
METRICS = ("dice", "iou")
BAND = 3  # pixels of the network's grid
SHORT = 0.5  # of the epochs
SMOOTH = 1.0  # weight of the outline's length


class ConfidentBinaryCrossEntropy(nn.Module):
    """Binary cross entropy over the pixels that lie farther than `band` pixels from the label's outline.

    Args:
        band: Pixels on either side, counted as a chessboard's king moves.
    """

    def __init__(self, band: int = BAND) -> None:
        super().__init__()
        self.band = band

    def forward(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """(B, 1, H, W) logits and masks of zeros and ones -> () mean; 0 where the bands cover all."""
        confident = confident_pixels(label, self.band)
        entropy = nn.functional.binary_cross_entropy_with_logits(logits, label, reduction="none")
        return (entropy * confident).sum() / confident.sum().clamp(min=1)


def confident_pixels(label: torch.Tensor, band: int) -> torch.Tensor:
    """(B, 1, H, W) zeros and ones -> 1 where all pixels up to `band` away agree with the pixel, else 0."""
    size, label = 2 * band + 1, label.as_subclass(torch.Tensor)
    highest = nn.functional.max_pool2d(label, size, stride=1, padding=band)
    lowest = -nn.functional.max_pool2d(-label, size, stride=1, padding=band)
    return (highest == lowest).to(label.dtype)


class SmoothBinaryCrossEntropy(nn.Module):
    """Binary cross entropy plus `weight` times the probabilities' total variation, each per pixel.

    For a mask the total variation is the length of its outline (in pixel edges), so that of two outlines
    that explain the label as well the smoother one costs less (Mumford and Shah's last term).
    """

    def __init__(self, weight: float = SMOOTH) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """(B, 1, H, W) logits and masks of zeros and ones -> () mean."""
        entropy = nn.functional.binary_cross_entropy_with_logits(logits, label)
        return entropy + self.weight * total_variation(torch.sigmoid(logits)) / logits.numel()


def total_variation(probability: torch.Tensor) -> torch.Tensor:
    """(B, 1, H, W) -> () sum of the absolute differences of neighbours, down and across."""
    down, across = probability.diff(dim=-2), probability.diff(dim=-1)
    return down.abs().sum() + across.abs().sum()


@dataclass(frozen=True)
class Student:
    """A network to train: on whose masks, and what differs from the bundle."""

    labels: str
    share: float = 1.0  # of the epochs
    settings: dict[str, str] = field(default_factory=dict)


CONFIDENT = {"loss_function": str({"_target_": "weak_labels.ConfidentBinaryCrossEntropy", "band": BAND})}
SMOOTHED = {"loss_function": str({"_target_": "weak_labels.SmoothBinaryCrossEntropy", "weight": SMOOTH})}
STUDENTS = {
    "generated": Student("generated"),
    "human": Student("files"),
    "confident": Student("generated", settings=CONFIDENT),
    "short": Student("generated", share=SHORT),
    "confident_short": Student("generated", share=SHORT, settings=CONFIDENT),
    "smooth": Student("generated", settings=SMOOTHED),
}
ROWS = {  # evaluation: the table's words; student (None: the masks themselves), truth
    "a": ("(a) U-Net trained on generated masks, against generated masks", "generated", "generated"),
    "b": ("(b) generated masks, against human masks", None, "human"),
    "c": ("(c) U-Net trained on generated masks, against human masks", "generated", "human"),
    "d": ("(d) U-Net trained on human masks, against human masks", "human", "human"),
    "confident": (
        "trained on confident pixels of generated masks, against human masks",
        "confident",
        "human",
    ),
    "short": ("trained on generated masks for fewer epochs, against human masks", "short", "human"),
    "confident_short": ("both, against human masks", "confident_short", "human"),
    "smooth": ("trained for short outlines too, against human masks", "smooth", "human"),
    "shape": ("masks of (c) as a model of shapes draws them, against human masks", "generated", "human"),
}


def call(words: Sequence[str]) -> None:
    """Run a command of this interpreter's modules, which finds the loss above; say which."""
    print("$ python -m", shlex.join(words), file=sys.stderr, flush=True)
    paths = [str(Path(__file__).resolve().parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    subprocess.run([sys.executable, "-m", *words], check=True, stdout=sys.stderr, env=environment)


def train(student: str, folder: Path, data: Path, seed: int, options: argparse.Namespace) -> None:
    """Train a network of one data set, or go on with it; nothing where it is done."""
    about, run = STUDENTS[student], folder / student
    epochs = max(1, round(about.share * options.epochs))
    record = run / "run.json"
    known = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    if known.get("status") == "complete" and known["max_epochs"] >= epochs:
        return
    settings = {
        "config_file": str([str(options.bundles / f"{name}.json") for name in ("unet_cxr", "human_masks")]),
        "dataset_dir": str(data),
        "reader#heart": "excluded",
        "labels": about.labels,
        "split_file": str(folder / "splits.json"),
        "image_size": str(options.image_size),
        "max_epochs": str(epochs),
        "seed": str(seed),
        "output_dir": str(folder),
        **({"resume_from": str(run)} if known else {"run_name": student}),
        **about.settings,
    }
    call(["monai.bundle", "run", *(word for key, value in settings.items() for word in (f"--{key}", value))])


def evaluate(row: str, folder: Path, data: Path) -> dict[str, Any]:
    """Measure one row of the table on the test images; compare it with the generated masks."""
    _, student, truth = ROWS[row]
    output = folder / "evaluated" / row
    if not (output / "evaluation.json").is_file() or not done_since(output, folder, student):
        words = [*masks_of(row, folder, data), "--split", "test", "--no-masks"]
        words += ["--truth", GENERATOR] if truth == "generated" else []
        words += ["--compare", str(folder / "evaluated" / "b")] if row not in ("a", "b") else []
        call([*evaluation(data, output), *words])
    content: dict[str, Any] = json.loads((output / "evaluation.json").read_text(encoding="utf-8"))
    return content


def evaluation(data: Path, output: Path) -> list[str]:
    """The words that all evaluations of a data set share."""
    words = ["cxrtk", "evaluate", "--dataset_dir", str(data), "--reader", "image_mask_folder"]
    words += ["--set", "reader#heart=excluded", "--metrics", ",".join(METRICS), "--quiet"]
    return [*words, "--output", str(output)]


def masks_of(row: str, folder: Path, data: Path) -> list[str]:
    """The words that say which masks a row is of."""
    student, splits = ROWS[row][1], ["--splits", str(folder / "splits.json")]
    if row == "b":
        return ["--masks", GENERATOR, *splits]
    if row == "shape":
        return ["--predictions", str(regular(folder, data)), *splits]
    return ["--model", str(folder / str(student)), "--lungs", "lungs"]  # its split lies beside it


def regular(folder: Path, data: Path) -> Path:
    """Folder with the masks of (c), made regular by the shapes of the training images' generated masks."""
    teacher, student, output = (folder / "shapes" / name for name in ("teacher", "student", "regular"))
    call([*evaluation(data, teacher), *masks_of("b", folder, data), "--split", "train"])
    call([*evaluation(data, student), *masks_of("c", folder, data), "--split", "test"])
    make_regular(teacher / "masks", student / "masks", output)
    return output


def done_since(output: Path, folder: Path, student: str | None) -> bool:
    """Whether the evaluation is younger than the checkpoint that it is of."""
    if student is None:
        return True
    made = (output / "evaluation.json").stat().st_mtime
    return made > (folder / student / "best.pt").stat().st_mtime


def cell(evaluation: dict[str, Any], metric: str) -> str:
    """Mean (SD) of a metric."""
    (about,) = (each for each in evaluation["summary"] if each["metric"] == metric)
    return f"{about['mean']:.4f} ({about['sd']:.4f})"


def difference(folder: Path, row: str) -> str:
    """Dice of a row less that of the generated masks: mean, interval, Wilcoxon's p, on how many better."""
    content = json.loads((folder / "evaluated" / row / "comparison.json").read_text(encoding="utf-8"))
    (about,) = (each for each in content["metrics"] if each["metric"] == "dice")
    low, high = about["interval"]
    return (
        f"{about['difference']:+.4f} | {low:+.4f} to {high:+.4f} | {about['p_value']:.2g} | "
        f"{about['better']} of {about['pairs']}"
    )


def table(names: Sequence[str], rows: Sequence[str], output: Path) -> str:
    """The four numbers and what else was tried, then the differences, as Markdown."""
    kept = {
        (name, row): json.loads((output / name / "evaluated" / row / "evaluation.json").read_text("utf-8"))
        for name in names
        for row in rows
    }
    counts = {name: len(kept[name, rows[0]]["cases"]) for name in names}
    heads = [f"{name} ({counts[name]}): {metric} (SD)" for name in names for metric in ("Dice", "IoU")]
    lines = [f"| | {' | '.join(heads)} |", "| --- " * (1 + len(heads)) + "|"]
    for row in rows:
        cells = [cell(kept[name, row], metric) for name in names for metric in METRICS]
        lines.append(f"| {ROWS[row][0]} | {' | '.join(cells)} |")
    lines += ["", "Dice against human masks, less that of the generated masks (b):", ""]
    lines += ["| | images | difference | 95 % interval | Wilcoxon's p | better on |", "| --- " * 6 + "|"]
    for row in rows:
        if row not in ("a", "b"):
            lines += [f"| {row} | {name} | {difference(output / name, row)} |" for name in names]
    return "\n".join(lines)


def over_seeds(names: Sequence[str], rows: Sequence[str], folders: Sequence[Path]) -> str:
    """Dice of each seed, and their mean, as Markdown; then each seed's difference to the generated masks."""
    heads = [f"{name}: {what}" for name in names for what in ("Dice of each seed", "mean")]
    lines = [f"| | {' | '.join(heads)} |", "| --- " * (1 + len(heads)) + "|"]
    for row in rows:
        found = {name: [dice(folder / name, row) for folder in folders] for name in names}
        cells = [each for values in found.values() for each in seeds(values)]
        lines.append(f"| {ROWS[row][0]} | {' | '.join(cells)} |")
    for row in rows:
        if row not in ("a", "b"):
            gains = {name: [gain(folder / name, row) for folder in folders] for name in names}
            cells = [each for values in gains.values() for each in seeds(values, "+")]
            lines.append(f"| ({row}) less (b) | {' | '.join(cells)} |")
    return "\n".join(lines)


def seeds(values: Sequence[float], sign: str = "") -> tuple[str, str]:
    """The values, and their mean."""
    form = f"{sign}.4f"
    return ", ".join(format(value, form) for value in values), format(sum(values) / len(values), form)


def dice(folder: Path, row: str) -> float:
    """Mean Dice of a row."""
    content = json.loads((folder / "evaluated" / row / "evaluation.json").read_text("utf-8"))
    (mean,) = (each["mean"] for each in content["summary"] if each["metric"] == "dice")
    return float(mean)


def gain(folder: Path, row: str) -> float:
    """Mean Dice of a row, less that of the generated masks."""
    return dice(folder, row) - dice(folder, "b")


def main() -> None:
    """Train, evaluate, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="holds the data sets' folders")
    parser.add_argument("--sets", default="jsrt,openist", help="folders with images/ and masks/")
    parser.add_argument("--output", type=Path, required=True, help="folder for runs and evaluations")
    parser.add_argument("--rows", default="a,b,c,d", help="of the four; b is what others are compared with")
    parser.add_argument("--also", default="", help="rows of those named above, comma-separated")
    parser.add_argument("--epochs", type=int, default=15, help="the same for all")
    parser.add_argument("--image_size", type=int, default=128)
    parser.add_argument("--seeds", default="0", help="of the split and of the weights, comma-separated")
    parser.add_argument("--bundles", type=Path, default=Path("bundles"), help="folder of the configs")
    options = parser.parse_args()
    names = options.sets.split(",")
    rows = [word for word in f"{options.rows},{options.also}".split(",") if word]
    students = list(dict.fromkeys(student for row in rows if (student := ROWS[row][1])))
    folders = {int(seed): options.output / f"seed{seed}" for seed in options.seeds.split(",")}
    for seed, output in folders.items():
        for name in names:
            folder, data = output / name, options.data / name
            items = readers.create("image_mask_folder", root=data).items()
            if not (folder / "splits.json").is_file():
                folder.mkdir(parents=True, exist_ok=True)
                split_by_patient(items, seed=seed).save(folder / "splits.json")
            for student in students:
                train(student, folder, data, seed, options)
            for row in rows:
                evaluate(row, folder, data)
        print(f"Seed {seed}:\n\n{table(names, rows, output)}\n")
    if len(folders) > 1:
        print(f"All seeds:\n\n{over_seeds(names, rows, list(folders.values()))}")


if __name__ == "__main__":
    main()
