"""`cxrtk evaluate`: how good are these masks, against which truth, on which images?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.settings import parse_settings
from cxrtk.errors import ConfigError

if TYPE_CHECKING:
    from cxrtk.inference.scoring.evaluating import DataSet

SOME_LEFT_OUT = 3  # exit code
ROWS = 16  # images on the screen, as many as in the paper's table


class Part(str, Enum):
    """Which images of the data set."""

    auto = "auto"
    test = "test"
    validation = "validation"
    train = "train"
    every = "all"


def evaluate(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "--models",
            help="A run, a checkpoint or a model file; several by commas; an ensemble of several by +.",
        ),
    ] = "",
    folds: Annotated[
        str,
        typer.Option(help="Runs of a cross-validation, by commas: each image by the one that tested it."),
    ] = "",
    predictions: Annotated[
        Path | None, typer.Option(help="Evaluate the masks in this folder, made by any tool.")
    ] = None,
    masks: Annotated[str, typer.Option(help="Evaluate the masks of this mask generator.")] = "",
    dataset_dir: Annotated[
        str, typer.Option("--dataset_dir", "--datasets", help="Folder of a data set; several by commas.")
    ] = "",
    reader: Annotated[str, typer.Option(help="Reader; by default the one that alone fits.")] = "",
    truth: Annotated[
        str, typer.Option(help="Mask generator whose masks count as true, in place of those of the data set.")
    ] = "",
    split: Annotated[
        Part, typer.Option(help="Images: auto is the test part of a run that used these images, else all.")
    ] = Part.auto,
    splits: Annotated[
        Path | None,
        typer.Option("--splits", help="A run's splits.json, if not the one beside the model; for masks too."),
    ] = None,
    metrics: Annotated[str, typer.Option(help="Metrics by commas; default: all.")] = "",
    by: Annotated[str, typer.Option(help="Columns by commas: numbers for each source, sex, age ...")] = "",
    compare: Annotated[
        Path | None, typer.Option(help="Folder of another evaluation of the same images to compare with.")
    ] = None,
    lungs: Annotated[
        str,
        typer.Option(help="The model's outputs that are lungs, by commas; default: as the truth has them."),
    ] = "",
    threshold: Annotated[
        float | None, typer.Option(help="Probability from which a pixel counts; default: the model's.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--no-postprocess", help="Keep every region and hole of the masks.")
    ] = False,
    device: Annotated[str, typer.Option("--device", "-d", help="cpu, cuda, cuda:1.")] = "cpu",
    no_masks: Annotated[bool, typer.Option("--no-masks", help="Do not write the predicted masks.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="ID=VALUE", help="Argument of a plugin: reader#heart=excluded, nsd#tolerance=3."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    rows: Annotated[int, typer.Option(min=0, help="Images to show.")] = ROWS,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No tables, no progress bar.")] = False,
) -> None:
    """Measure masks against a data set's own masks, image by image, at original size.

    cxrtk evaluate --model runs/RUN --dataset_dir DIR -o OUT

    Writes evaluation.json, cases.csv, curves.npz and the masks. A failed case (nothing found, nothing there,
    no prediction) is in every mean, with the worst value. Several models or data sets give a matrix, and a
    folder each. Exit codes: 0 done; 2 could not run; 3 some images could not be read and are left out.
    """
    from cxrtk import registry
    from cxrtk.cli.evaluated import Shown, matrix, single
    from cxrtk.evaluation.order import in_order
    from cxrtk.inference.scoring import predictions as made
    from cxrtk.inference.scoring.evaluating import Options
    from cxrtk.process.device import check_device

    arguments = _by_plugin(parse_settings(settings or []))
    names = _words(metrics) or in_order(registry.metrics.names())
    measures = {name: _create(registry.metrics, name, arguments.pop(name, {})) for name in names}
    sets = [_data_set(Path(each), reader, arguments, truth) for each in _words(dataset_dir)]
    if not sets:
        raise ConfigError("Name a data set by --dataset_dir, or several by --datasets.")
    if folds and (splits or split is not Part.auto):
        raise ConfigError("--folds says on which images: leave out --split and --splits.")
    if sum((bool(model), bool(folds), predictions is not None, bool(masks))) != 1:
        raise ConfigError("Name what to evaluate by one of --model, --folds, --predictions and --masks.")
    if not (model or folds) and (lungs or threshold is not None):
        raise ConfigError("--lungs and --threshold are for models.")
    how = made.LungSettings(check_device(device), threshold, not raw, _words(lungs))
    if folds:
        found = [made.of_folds(_words(folds), how)]
    elif predictions is not None:
        found = [made.of_folder(predictions, splits)]
    elif masks:
        generator = _create(registry.masks, masks, arguments.get("masks", {}))
        found = [made.of_generator(masks, generator, splits)]
    else:
        found = [made.of_model(name, how, splits) for name in _words(model)]
    unused = sorted(set(arguments) - {"reader", "masks", "truth"})
    if unused:
        raise ConfigError(
            f"--set {unused[0]}#...: no such plugin takes part; begin with reader# or a metric#."
        )
    options = Options(
        split.value, _words(by), not no_masks, seed=seed,
        settings={key: value for key, value in parse_settings(settings or []).items() if _of(key) in names},
    )  # fmt: skip
    shown = Shown(rows, as_json=json, quiet=quiet)
    if len(found) * len(sets) > 1:
        if compare is not None:
            raise ConfigError("--compare takes one evaluation; compare the cells of a matrix one by one.")
        left_out = matrix(found, sets, measures, output, options, shown)
    else:
        left_out = single(found[0], sets[0], measures, output, options, shown, compare)
    if left_out:
        raise typer.Exit(SOME_LEFT_OUT)


def _data_set(path: Path, reader: str, arguments: Mapping[str, dict[str, Any]], truth: str) -> DataSet:
    from cxrtk import registry
    from cxrtk.data.check.choose import choose_reader
    from cxrtk.errors import DataError
    from cxrtk.inference.scoring.evaluating import DataSet
    from cxrtk.registry import check_arguments

    if not path.is_dir():
        raise DataError(f"{path.resolve()}: no such folder; check --dataset_dir.")
    if not reader:
        reader = choose_reader(path)
        print(f"cxrtk: {path}: reader: {reader}", file=sys.stderr)
    made_with = {"root": str(path), **arguments.get("reader", {})}
    check_arguments(registry.readers, reader, made_with)
    generator = _create(registry.masks, truth, arguments.get("truth", {})) if truth else None
    return DataSet(path, reader, made_with, generator, truth)


def _create(kind: Any, name: str, arguments: dict[str, Any]) -> Any:
    from cxrtk.registry import check_arguments

    check_arguments(kind, name, arguments)
    return kind.create(name, **arguments)


def _by_plugin(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """``{"nsd#tolerance": 3}`` -> ``{"nsd": {"tolerance": 3}}``."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in settings.items():
        plugin, _, name = key.partition("#")
        if not name:
            raise ConfigError(f"--set {key}: name plugin and argument, as in reader#heart or nsd#tolerance.")
        found.setdefault(plugin, {})[name] = value
    return found


def _of(key: str) -> str:
    return key.partition("#")[0]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
