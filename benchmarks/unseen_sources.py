"""How good a model is on a source of radiographs that it never saw: each source is left out in turn.

    python benchmarks/unseen_sources.py run --plan ablation --output runs/unseen
    python benchmarks/unseen_sources.py run --plan final --output runs/unseen
    python benchmarks/unseen_tables.py

JSRT (both digitisations together), OpenIST and wingspan are left out, one after the other. Of the other
sources 90 % of the patients train and 10 % choose the checkpoint, drawn by the seed within each source; the
source left out is read once, when the training is over. A recipe is a list of changes to the bundles, each
a file in benchmarks/recipes/, that are laid over `unet_cxr.json` and `recipes/before.json` in the order
given. `lungs` is the bundle of the model that ships, which has the changes that were kept; the final plan
compares it with `before`.

Everything is measured as `cxrtk segment` would do it, at the images' original size, against masks drawn by
humans with the heart left out: Dice and HD95 (percent of the image's height) of both lungs, of each lung
and of the heart, as far as a source has them, and the cardiothoracic ratio of the model's masks beside that
of the human ones. The numbers of each image are kept in benchmarks/results/unseen/, one file a training,
with the commit of the code.

A run that was stopped goes on where it was, to the same bits; a training that was measured is not done
again. SIGTERM and Ctrl-C stop it at once. --only takes some of the folds, so that two processes can share a
plan; --recipes takes some of its recipes, first things first.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from lungs_model import hd95
from monai.bundle import ConfigParser
from robustness import dice
from tqdm import tqdm
from unseen_plan import FOLDS, Training, configs, plan

from cxrtk import Label, Radiograph, Reader, phantom, readers
from cxrtk.cardiothoracic import cardiothoracic_ratio
from cxrtk.data.splits import Split, split_by_patient
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "unseen"
ORGANS = ("lungs", "right_lung", "left_lung", "heart")
COLUMNS = (
    "image",
    "patient",
    *(f"{organ}_{number}" for organ in ORGANS for number in ("dice", "hd95")),
    "ctr",
    "ctr_truth",
    "contrast",
)
VALIDATION = 0.1  # of the patients that are not left out
PHANTOMS, PHANTOM_SIZE = 240, 256


def sources_of(training: Training, data: Path, phantoms: Path) -> tuple[Reader, Mapping[str, Any]]:
    """The reader of a recipe's sources and of the source left out, and the arguments it was made with."""
    parser = ConfigParser()
    parser.read_config([str(path) for path in configs(training)])
    sources = {name: dict(about) for name, about in parser["sources"].items()}
    same = dict(parser.get("same_patients", {}))
    for name in FOLDS[training.fold]:
        sources.setdefault(name, {"name": "image_mask_folder", "heart": "excluded"})
    if {"jsrt", "jsrt512"} <= sources.keys():
        same = {"jsrt512": "jsrt"}
    if "phantoms" in sources:
        sources["phantoms"]["root"] = str(phantoms)
    arguments = {"sources": sources, "same_patients": same}
    return readers.create("several", root=data, **arguments), arguments


def split_of(training: Training, reader: Reader) -> Split:
    """The left-out sources test; of the others 10 % of the patients of each validate."""
    left_out = FOLDS[training.fold]
    test = [item for item in reader.items() if item["source"] in left_out]
    others = [item for item in reader.items() if item["source"] not in left_out]
    drawn = split_by_patient(
        others,
        seed=training.seed,
        stratify_by="source",
        test_fraction=VALIDATION,
        validation_fraction=VALIDATION,
    )
    return Split([*drawn.train, *drawn.validation], drawn.test, test)


def train(training: Training, options: argparse.Namespace) -> Path:
    """Train the network, or go on with it; nothing where that is done. Returns the run's folder."""
    run = options.output / training.name
    record = run / "run.json"
    known = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    if known.get("status") == "complete":
        return run
    phantoms = options.output / "phantoms"
    if "phantoms" in training.recipe:
        phantom.write_nih(phantoms, PHANTOMS, size=PHANTOM_SIZE)
    reader, arguments = sources_of(training, options.data, phantoms)
    splits = options.output / "splits" / f"{training.name}.json"
    splits.parent.mkdir(parents=True, exist_ok=True)
    split_of(training, reader).save(splits, options.data)
    settings = {
        "config_file": str([str(path) for path in configs(training)]),
        "dataset_dir": str(options.data),
        "sources": str(arguments["sources"]),
        "reader#same_patients": str(arguments["same_patients"]),
        "tested_sources": str(
            sorted({name for fold in FOLDS.values() for name in fold} - set(FOLDS[training.fold]))
        ),
        "split_file": str(splits),
        # Sizes are relative: a recipe for larger images is larger at every size.
        "image_size": str(training.size * 5 // 4 if "larger" in training.recipe else training.size),
        "max_epochs": str(training.epochs),
        "val_interval": str(max(1, training.epochs // 20)),
        "seed": str(training.seed),
        "output_dir": str(options.output),
        "overlays": "0",
        "cache_dir": str(options.output / "cache"),  # shared by all trainings that prepare images alike
        **({"resume_from": str(run)} if known else {"run_name": training.name}),
    }
    words = [word for key, value in settings.items() for word in (f"--{key}", value)]
    call(["monai.bundle", "run", *words], options.output / f"{training.name}.log")
    return run


def call(words: Sequence[str], log: Path) -> None:
    """Run a module of this interpreter with one thread; a signal that stops this process stops it too."""
    print("$ python -m", shlex.join(words), flush=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with log.open("a", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], stdout=file, stderr=subprocess.STDOUT, env=environment
        )
        try:
            code = process.wait()
        except BaseException:
            process.send_signal(signal.SIGTERM)
            process.wait()
            raise
    if code != 0:
        raise SystemExit(f"It ended with exit code {code}; see {log}.")


def measure(training: Training, run: Path, data: Path) -> list[list[Any]]:
    """`COLUMNS` of each image of the sources left out."""
    sources = {name: {"name": "image_mask_folder", "heart": "excluded"} for name in FOLDS[training.fold]}
    same = {"jsrt512": "jsrt"} if len(sources) > 1 else {}
    reader = readers.create("several", root=data, sources=sources, same_patients=same)
    segmenter = Segmenter(find_model(str(run)))
    rows = []
    for item in tqdm(reader.items(), desc=training.name):
        label = reader.read_label(item)
        assert label is not None
        rows.append(
            [f"{item['source']}/{item['stem']}", item["patient"], *numbers(segmenter, reader, item, label)]
        )
    return rows


def numbers(
    segmenter: Segmenter, reader: Reader, item: Mapping[str, Any], label: Label
) -> Iterator[float | None]:
    """The numbers of one image, in the order of `COLUMNS`; ``None`` for what its label does not have."""
    radiograph: Radiograph = reader.read(item["image"])
    found = segmenter.segment(radiograph)
    predicted = dict(zip(found.classes, found.masks, strict=True)) | {"lungs": found.lungs()}
    truth = dict(zip(label.classes, label.masks, strict=True)) | {"lungs": label.lungs()}
    for organ in ORGANS:
        if organ in truth:
            yield round(dice(predicted[organ], truth[organ].astype(np.float32)), 5)
            yield round(hd95(predicted[organ], truth[organ].astype(np.float32)), 3)
        else:
            yield from (None, None)
    yield cardiothoracic_ratio(predicted)
    yield cardiothoracic_ratio(truth)
    low, high = np.percentile(radiograph.pixels, [5, 95])
    yield round(float(high - low), 4)


def run(training: Training, options: argparse.Namespace) -> None:
    """Train and measure one network, unless its results are there."""
    target = options.results / f"{training.name}.json"
    if target.is_file():
        return
    folder = train(training, options)
    rows = measure(training, folder, options.data)
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    content = {
        "recipe": list(training.recipe),
        "left_out": training.fold,
        "image_size": training.size,
        "epochs": training.epochs,
        "seed": training.seed,
        "commit": (about.get("git") or {}).get("commit", ""),
        "validation_dice": about.get("best_metric"),
        "columns": COLUMNS,
    }
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    head = json.dumps(content, indent=1)[:-2]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f'{head},\n "rows": [\n{lines}\n ]\n}}\n', encoding="utf-8")


def main() -> None:
    """Go through a plan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=("run", "list"), help="list only names the trainings of the plan")
    parser.add_argument("--plan", choices=("ablation", "winner", "final"), required=True)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--output", type=Path, default=Path("runs/unseen"), help="folder of the runs")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the numbers")
    parser.add_argument("--only", default=",".join(FOLDS), help="folds, comma-separated")
    parser.add_argument("--recipes", help="only these of the plan's recipes, comma-separated, in this order")
    parser.add_argument("--size", type=int, help="instead of the plan's")
    parser.add_argument("--epochs", type=int, help="instead of the plan's")
    options = parser.parse_args()
    options.output, options.data = options.output.resolve(), options.data.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    trainings = plan(options.plan, options.size, options.epochs)
    if options.recipes:
        asked = options.recipes.split(",")
        if unknown := set(asked) - {training.recipe_name for training in trainings}:
            parser.error(f"the plan has no recipe {', '.join(sorted(unknown))}; see the command list")
        trainings = [training for name in asked for training in trainings if training.recipe_name == name]
    for training in trainings:
        if training.fold not in options.only.split(","):
            continue
        if options.command == "list":
            print(training.name, "measured" if (options.results / f"{training.name}.json").is_file() else "")
        else:
            run(training, options)


if __name__ == "__main__":
    main()
