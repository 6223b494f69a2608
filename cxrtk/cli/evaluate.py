"""`cxrtk evaluate`: evaluation of predicted masks against the ground truth of a data set."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options
from cxrtk.cli.settings import parse_settings
from cxrtk.errors import ConfigError

ROWS = 16  # images on the screen, as in the table of the paper


class Part(str, Enum):
    """Parts of the data set to evaluate."""

    auto = "auto"
    test = "test"
    validation = "validation"
    train = "train"
    every = "all"


@with_pass_options
def evaluate(
    output: shared.Output,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            help="A run, a checkpoint or a model file; several are comma-separated, an ensemble is "
            "joined by +.",
        ),
    ] = "",
    folds: Annotated[
        str,
        typer.Option(
            help="Runs of a cross-validation, comma-separated, or their folder; each image is evaluated "
            "by the run that tested it."
        ),
    ] = "",
    predictions: Annotated[
        Path | None, typer.Option(help="Evaluate the masks in this folder, made by any tool.")
    ] = None,
    masks: Annotated[str, typer.Option(help="Evaluate the masks of this mask generator.")] = "",
    dataset_dir: Annotated[
        str, typer.Option("--dataset-dir", help="Folder of a data set; several are comma-separated.")
    ] = "",
    reader: Annotated[str, typer.Option(help="Reader; default: the only one that fits the folder.")] = "",
    truth: Annotated[
        str,
        typer.Option(
            help="Mask generator whose masks serve as ground truth, in place of those of the data set."
        ),
    ] = "",
    split: Annotated[
        Part,
        typer.Option(
            help="Images to evaluate: auto is the test part if the run used these images, else all."
        ),
    ] = Part.auto,
    splits: Annotated[
        Path | None,
        typer.Option(
            "--splits", help="A run's splits.json, if not the one next to the model; also for masks."
        ),
    ] = None,
    metrics: Annotated[str, typer.Option(help="Metrics, comma-separated; default: all.")] = "",
    by: Annotated[
        str,
        typer.Option(
            help="Columns, comma-separated, such as source,sex,age: also report each of their values."
        ),
    ] = "",
    compare: Annotated[
        Path | None, typer.Option(help="Folder of another evaluation of the same images to compare with.")
    ] = None,
    lungs: Annotated[
        str,
        typer.Option(
            help="The model's outputs that are lungs, comma-separated; default: by the convention of "
            "the ground truth."
        ),
    ] = "",
    threshold: Annotated[
        float | None,
        typer.Option(help="Probability threshold; default: the model's. Applies to --predictions, too."),
    ] = None,
    classes: Annotated[
        str,
        typer.Option(
            help="Class numbers of the lungs, comma-separated, if --predictions are class maps: 1,2."
        ),
    ] = "",
    raw: Annotated[
        bool,
        typer.Option(
            "--no-postprocess", help="Skip post-processing: keep every region and hole of the masks."
        ),
    ] = False,
    device: shared.Device = "cpu",
    backend: shared.Backend = shared.BackendName.auto,
    precision: shared.Precision = shared.PrecisionName.auto,
    no_masks: Annotated[bool, typer.Option("--no-masks", help="Do not write the predicted masks.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="ID=VALUE", help="Argument of a plugin: reader#heart=excluded, nsd#tolerance=3."
        ),
    ] = None,
    passing: PassOptions = DEFAULTS,
    seed: Annotated[int, typer.Option(min=0, max=shared.HIGHEST_SEED, help="Seed of the bootstrap.")] = 0,
    rows: Annotated[int, typer.Option(min=0, help="Images to show.")] = ROWS,
    json: shared.AsJson = False,
) -> None:
    """Evaluate masks against those of a data set, image by image, at original size.

    cxrtk evaluate --model runs/RUN --dataset-dir DIR -o OUT

    Writes evaluation.json, cases.csv, curves.npz, the masks, and manifest.jsonl. A failed case (nothing
    found, empty ground truth, no prediction) is included in every mean, with the worst value. Several models
    or data sets give a matrix, with one folder for each pair.

    Exit codes: 0 done; 2 could not run; 3 some images could not be read and are left out; 130 and
    143 stopped by Ctrl-C or SIGTERM; --continue resumes.
    """
    from cxrtk.cli.evaluated import Shown, matrix, single

    arguments = _by_plugin(parse_settings(settings or []))
    sets = [_chosen_reader(Path(each), reader) for each in shared.split_words("--dataset-dir", dataset_dir)]
    if not sets:
        raise ConfigError("Give a data set with --dataset-dir, or several, comma-separated.")
    if folds and (splits or split is not Part.auto):
        raise ConfigError("--folds determines the images: leave out --split and --splits.")
    if sum((bool(model), bool(folds), predictions is not None, bool(masks))) != 1:
        raise ConfigError("Choose what to evaluate with one of --model, --folds, --predictions and --masks.")
    if lungs and not (model or folds):
        raise ConfigError("--lungs is for models; for class maps in --predictions use --classes.")
    if threshold is not None and masks:
        raise ConfigError("--threshold is for models and for probabilities in --predictions.")
    if classes and predictions is None:
        raise ConfigError("--classes is for class maps in --predictions; for a model use --lungs.")
    measures = _measures(shared.split_words("--metrics", metrics), arguments)
    unused = sorted(set(arguments) - {"reader", "masks", "truth", *measures})
    if unused:
        raise ConfigError(
            f"--set {unused[0]}#...: no such plugin is used here; begin with reader# or a metric#."
        )
    what = {
        "folds": _fold_runs(shared.split_words("--folds", folds)),
        "predictions": "" if predictions is None else str(predictions.resolve()),
        "masks": masks,
        "masks_arguments": arguments.get("masks", {}),
        "truth": truth,
        "truth_arguments": arguments.get("truth", {}),
        "metrics": measures,
        "split": split.value,
        "splits": "" if splits is None else str(splits),
        "by": shared.split_words("--by", by),
        "lungs": shared.split_words("--lungs", lungs),
        "threshold": threshold,
        "class_numbers": _numbers(shared.split_words("--classes", classes)),
        "postprocess": not raw,
        "device": device,
        "backend": backend.value,
        "precision": precision.value,
        "write_masks": not no_masks,
        "seed": seed,
    }
    how = passing.walk(
        [],
        output,
        batch_size=1,  # so that a result does not depend on other images in its batch
        reader_arguments=arguments.get("reader", {}),
    )
    shown = Shown(rows, as_json=json, quiet=passing.quiet)
    models = shared.split_words("--model", model) or [""]
    if len(models) * len(sets) > 1:
        if compare is not None:
            raise ConfigError("--compare takes one evaluation; compare the cells of a matrix one by one.")
        code = matrix(models, sets, what, how, shown)
    else:
        code = single(models[0], sets[0], what, how, shown, compare)
    if code:
        raise typer.Exit(code)


def _fold_runs(words: list[str]) -> list[str]:
    """Replace a folder of runs, as `cxrtk train --folds` makes, by its runs."""
    from cxrtk.training import record

    runs = {word: [] if Path(word, record.FILE).is_file() else record.runs(Path(word)) for word in words}
    return [run for word in words for run in ([str(path) for path, _ in runs[word]] or [word])]


def _numbers(words: list[str]) -> list[int]:
    """Parse the numbers of classes."""
    wrong = next((word for word in words if not word.isdecimal()), None)
    if wrong is not None:
        raise ConfigError(f"--classes: {wrong!r} is not a class number; write them as in --classes 1,2.")
    return [int(word) for word in words]


def _chosen_reader(path: Path, reader: str) -> tuple[Path, str]:
    """Split an argument into the folder of a data set and the name of its reader."""
    from cxrtk.data.check.choose import choose_reader
    from cxrtk.errors import DataError

    if not path.is_dir():
        raise DataError(f"{path.resolve()}: no such folder; check --dataset-dir.")
    if not reader:
        reader = choose_reader(path)
        print(f"cxrtk: {path}: reader: {reader}", file=sys.stderr)
    return path, reader


def _measures(names: list[str], arguments: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Metrics in order, with the arguments of each."""
    from cxrtk import registry
    from cxrtk.evaluation.order import in_order

    return {name: arguments.get(name, {}) for name in names or in_order(registry.metrics.names())}


def _by_plugin(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Group settings by plugin: ``{"nsd#tolerance": 3}`` -> ``{"nsd": {"tolerance": 3}}``."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in settings.items():
        plugin, _, name = key.partition("#")
        if not name:
            raise ConfigError(f"--set {key}: name plugin and argument, as in reader#heart or nsd#tolerance.")
        found.setdefault(plugin, {})[name] = value
    return found
