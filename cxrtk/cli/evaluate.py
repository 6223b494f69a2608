"""`cxrtk evaluate`: how good are these masks, against which truth, on which images?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.settings import parse_settings
from cxrtk.errors import ConfigError
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.inference.evaluating import DataSet, Done, Options, Predictions

SOME_LEFT_OUT = 3  # exit code
ROWS = 16  # images on the screen, as many as in the paper's table
ORDER = (
    "dice", "iou", "pixel_accuracy", "sensitivity", "specificity", "precision", "hd95", "assd", "nsd",
    "area_error", "roc_auc", "average_precision", "ece",
)  # fmt: skip


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
    from cxrtk.cli.segment import check_device
    from cxrtk.inference.evaluating import Options

    arguments = _by_plugin(parse_settings(settings or []))
    names = _words(metrics) or in_order(registry.metrics.names())
    measures = {name: _create(registry.metrics, name, arguments.pop(name, {})) for name in names}
    sets = [_data_set(Path(each), reader, arguments, truth) for each in _words(dataset_dir)]
    if not sets:
        raise ConfigError("Name a data set by --dataset_dir, or several by --datasets.")
    lungs_of: dict[str, Any] = {
        "device": check_device(device),
        "threshold": threshold,
        "postprocess": not raw,
        "classes": _words(lungs),
    }
    if folds and (model or masks or predictions or splits or split is not Part.auto):
        raise ConfigError(
            "--folds says what is evaluated and on which images; leave out the other options of that."
        )
    if folds:
        found = [_folds(_words(folds), lungs_of)]
    else:
        found = _predictions(_words(model), predictions, masks, splits, arguments, lungs_of)
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
        left_out = _matrix(found, sets, measures, output, options, shown)
    else:
        left_out = _single(found[0], sets[0], measures, output, options, shown, compare)
    if left_out:
        raise typer.Exit(SOME_LEFT_OUT)


def in_order(names: Sequence[str]) -> list[str]:
    """Metrics as a table has them: overlap, outlines, area, probabilities; those of other makers last."""
    return [name for name in ORDER if name in names] + [name for name in names if name not in ORDER]


class Shown:
    """What goes to the screen."""

    def __init__(self, rows: int, *, as_json: bool, quiet: bool) -> None:
        self.rows = rows
        self.as_json = as_json
        self.quiet = quiet

    def progress(self, total: int) -> Callable[[], None]:
        """A bar on stderr; gives what moves it on."""
        from tqdm import tqdm

        bar = tqdm(total=total, desc="evaluate", unit="image", disable=self.quiet or None, leave=False)

        def advance() -> None:
            bar.update()
            if bar.n >= total:
                bar.close()

        return advance

    def warn(self, warnings: Sequence[str], where: str = "") -> None:
        """One line each on stderr, whatever else is quiet."""
        for warning in warnings:
            print(f"cxrtk: warning: {where}{warning}", file=sys.stderr)


def _single(
    predictions: Predictions,
    data: DataSet,
    measures: Mapping[str, Any],
    output: Path,
    options: Options,
    shown: Shown,
    other: Path | None,
) -> int:
    """One evaluation; how many images were left out."""
    from dataclasses import asdict

    from cxrtk.cli import evaluation_tables as tables
    from cxrtk.cli.tables import print_json
    from cxrtk.evaluation.paired import compare
    from cxrtk.evaluation.storage import read_evaluation
    from cxrtk.inference.evaluating import run

    known = read_evaluation(other) if other is not None else None
    done = run(predictions, data, measures, output, options, shown.progress)
    comparisons = compare(done.evaluation, known, seed=options.seed) if known is not None else []
    shown.warn(done.evaluation.warnings)
    if comparisons:
        rows = [asdict(each) for each in comparisons]
        _write_json(output / "comparison.json", {"other": str(other), "metrics": rows})
    if shown.as_json:
        print_json({**_headline(done), "comparison": [asdict(each) for each in comparisons]})
    elif not shown.quiet:
        if shown.rows:
            tables.print_cases(done.evaluation, shown.rows)
            print()
        tables.print_summaries(done.summaries)
        first = next(iter(done.evaluation.metrics))
        metric = "dice" if "dice" in done.evaluation.metrics else first
        for column, groups in done.subgroups.items():
            print()
            tables.print_subgroups(column, dict(groups), metric)
        if comparisons:
            print(f"\nAgainst {other}, over the images of both (difference: this less the other):")
            tables.print_comparisons(comparisons)
    if not shown.quiet:
        print(sentence(done, output), file=sys.stderr)
    return len(done.evaluation.left_out)


def sentence(done: Done, output: Path) -> str:
    """What was measured against what, in one line."""
    evaluation = done.evaluation
    split = evaluation.about["split"]
    of = split["files"][0] if len(split["files"]) == 1 else f"{len(split['files'])} splits"
    which = "all images" if split["part"] == "all" else f"the {split['part']} part of {of}"
    cases = counted(len(evaluation.failed), "failed case")
    images = counted(len(evaluation.cases), "image")
    return f"{images} ({which}) at original size, against {evaluation.truth}; {cases}; see {output}"


def _headline(done: Done) -> dict[str, Any]:
    from dataclasses import asdict

    evaluation = done.evaluation
    return {
        "truth": evaluation.truth,
        "about": dict(evaluation.about),
        "warnings": list(evaluation.warnings),
        "images": len(evaluation.cases),
        "failed": [{"image": case.image, "failure": case.failure} for case in evaluation.failed],
        "left_out": [{"image": image, "reason": reason} for image, reason in evaluation.left_out],
        "summary": [asdict(summary) for summary in done.summaries],
        "subgroups": {
            column: {value: [asdict(each) for each in some] for value, some in groups.items()}
            for column, groups in done.subgroups.items()
        },
    }


def _matrix(
    found: Sequence[Predictions],
    sets: Sequence[DataSet],
    measures: Mapping[str, Any],
    output: Path,
    options: Options,
    shown: Shown,
) -> int:
    """Each of `found` on each of `sets`; how many images were left out in all."""
    from cxrtk.cli.matrix import Cell, print_matrix, write_matrix
    from cxrtk.inference.evaluating import run

    names = distinct([str(each.about["name"]) for each in found])
    places = distinct([data.path.resolve().name for data in sets])
    cells: dict[tuple[str, str], Cell] = {}
    for predictions, name in zip(found, names, strict=True):
        for data, place in zip(sets, places, strict=True):
            try:
                done = run(predictions, data, measures, output / name / place, options, shown.progress)
            except ConfigError as error:  # a model of the other convention has no number here
                cells[name, place] = Cell(None, str(error))
                shown.warn([str(error)], f"{name} on {place}: ")
                continue
            cells[name, place] = Cell(done, "")
            shown.warn(done.evaluation.warnings, f"{name} on {place}: ")
    content = write_matrix(cells, output)
    if shown.as_json:
        from cxrtk.cli.tables import print_json

        print_json(content)
    elif not shown.quiet:
        print_matrix(cells, names, places)
        print(f"{len(cells)} evaluations; see {output}", file=sys.stderr)
    return sum(len(cell.done.evaluation.left_out) for cell in cells.values() if cell.done is not None)


def distinct(names: Sequence[str]) -> list[str]:
    """The names, those that occur before with a number behind.

    >>> distinct(["a", "b", "a"])
    ['a', 'b', 'a-2']
    """
    said: list[str] = []
    for name in names:
        count = sum(other == name for other in names[: len(said)])
        said.append(f"{name}-{count + 1}" if count else name)
    return said


def _predictions(
    models: Sequence[str],
    folder: Path | None,
    generator: str,
    splits: Path | None,
    arguments: dict[str, dict[str, Any]],
    lungs: Mapping[str, Any],
) -> list[Predictions]:
    """What is evaluated: models, one folder of masks, or one mask generator."""
    from cxrtk import registry
    from cxrtk.inference.evaluating import Predictions
    from cxrtk.inference.find import find_model, members, path_of
    from cxrtk.inference.lungs import FolderLungs, GeneratedLungs, ModelLungs
    from cxrtk.inference.trained import splits_beside

    if sum((bool(models), folder is not None, bool(generator))) != 1:
        raise ConfigError("Name what to evaluate by one of --model, --predictions and --masks.")
    if not models and (lungs["classes"] or lungs["threshold"] is not None):
        raise ConfigError("--lungs and --threshold are for models.")
    about: dict[str, Any]
    if folder is not None:
        about = {"kind": "folder", "name": folder.resolve().name, "paths": [str(folder.resolve())]}
        return [Predictions(FolderLungs(folder), about, [splits])]
    if generator:
        made = _create(registry.masks, generator, arguments.get("masks", {}))
        return [Predictions(GeneratedLungs(made), {"kind": "generator", "name": generator}, [splits])]
    found = []
    for name in models:
        model = find_model(name, lungs["device"])
        find = ModelLungs(model, **lungs)
        about = {
            "kind": "model",
            "name": model.spec.name,
            "paths": [str(path_of(each)) for each in members(name)],
            "sha256": model.sha256,
            "classes": list(model.spec.classes),
            "lungs": list(lungs["classes"]) or "as the truth has them",
            "threshold": find.threshold,
            "postprocess": find.postprocess,
            "trained": dict(model.spec.trained),
        }
        beside = [splits] if splits is not None else [splits_beside(each) for each in members(name)]
        found.append(Predictions(find, about, beside, probabilities=True, learned=True))
    return found


def _folds(runs: Sequence[str], lungs: Mapping[str, Any]) -> Predictions:
    """A cross-validation: each image by the run that tested it."""
    from cxrtk.inference.evaluating import Predictions
    from cxrtk.inference.find import find_model, path_of
    from cxrtk.inference.folds import Fold, FoldLungs
    from cxrtk.inference.lungs import ModelLungs
    from cxrtk.inference.trained import splits_beside

    folds, digests = [], []
    for name, shown in zip(runs, distinct([Path(name).name for name in runs]), strict=True):
        model, beside = find_model(name, lungs["device"]), splits_beside(name)
        if beside is None:
            raise ConfigError(f"{name}: has no splits.json beside it, so that nothing tells what it tested.")
        folds.append(Fold(shown, ModelLungs(model, **lungs), beside))
        digests.append(model.sha256)
    find = FoldLungs(folds)
    first = folds[0].find
    about = {
        "kind": "folds",
        "name": f"{len(folds)} folds",
        "paths": [str(path_of(name)) for name in runs],
        "sha256": digests,
        "classes": list(first.spec.classes),
        "lungs": list(lungs["classes"]) or "as the truth has them",
        "threshold": first.threshold,
        "postprocess": first.postprocess,
        "trained": dict(first.spec.trained),
    }
    splits = [fold.splits for fold in folds]
    return Predictions(find, about, splits, probabilities=True, learned=True, fold_of=find.fold_of)


def _data_set(path: Path, reader: str, arguments: Mapping[str, dict[str, Any]], truth: str) -> DataSet:
    from cxrtk import registry
    from cxrtk.cli.masks import check_arguments
    from cxrtk.data.check.choose import choose_reader
    from cxrtk.errors import DataError
    from cxrtk.inference.evaluating import DataSet

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
    from cxrtk.cli.masks import check_arguments

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


def _write_json(path: Path, content: object) -> None:
    import json as json_format

    from cxrtk.data.atomic import replacing

    with replacing(path) as part:
        part.write_text(json_format.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
