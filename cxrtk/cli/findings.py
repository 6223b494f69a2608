"""`cxrtk findings`: what a classifier sees on radiographs, and how right it is where the source tells."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.cli.evaluate import Part
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.inference.findings import Outcome

SOME_FAILED = 3  # exit code
SHOWN = (0.1, 0.3, 0.5)  # the T of IoU@T on the screen; the file has all


def findings(
    source: Annotated[Path, typer.Option("--input", "-i", help="A file or folder; the reader's root.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")],
    model: Annotated[
        str, typer.Option(help="A run of bundles/chexnet_cxr.json: its folder, or a checkpoint.")
    ],
    reader: Annotated[
        str, typer.Option(help="Reader of the files; nih_png and others know what the images show.")
    ] = "files",
    boxes: Annotated[
        Path | None,
        typer.Option(help="BBox_List_2017.csv: score the class activation maps against its boxes."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0, help="Pixels that the pointing game allows beside a box.")
    ] = 0.0,
    pictures: Annotated[int, typer.Option(min=0, help="Draw so many maps with their boxes.")] = 0,
    split: Annotated[
        Part,
        typer.Option(help="Images: auto is the test part of a run that used these images, else all."),
    ] = Part.auto,
    batch_size: Annotated[int, typer.Option(min=1, help="Images in one run of the network.")] = 8,
    device: Annotated[str, typer.Option("--device", "-d", help="cpu, cuda, cuda:1.")] = "cpu",
    workers: Annotated[int, typer.Option(min=1, help="Processes that read files.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no table.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Tell findings on chest X-rays by a classifier that you trained; no classifier ships.

    Writes findings.csv, a probability an image and finding. Where the reader knows what the images show, also
    test_metrics.json: the area under each ROC curve, with a 95 % interval by patient. With --boxes, also
    localisation.json: how often the maps point into the boxes. A file that fails makes the exit code 3.
    """
    from cxrtk.cli.bar import Bar
    from cxrtk.cli.options import check_device
    from cxrtk.data.boxes import read_boxes
    from cxrtk.inference import trained
    from cxrtk.inference.classifier import Classifier
    from cxrtk.inference.find import find_model
    from cxrtk.inference.findings import Options, run
    from cxrtk.passes.reading import read_ahead
    from cxrtk.training.signals import guarded_signals

    known_boxes = read_boxes(boxes) if boxes else []
    classifier = Classifier(find_model(model, check_device(device)), check_device(device))
    options = Options(batch_size, known_boxes, tolerance, pictures, seed)
    with guarded_signals("the same command"), read_ahead(source, reader=reader, workers=workers) as files:
        items = files.reader.items()
        known = trained.known_parts(trained.splits_beside(model), items)
        chosen = trained.choose(items, known, split.value)
        output.mkdir(parents=True, exist_ok=True)
        with Bar("findings", hidden=quiet) as bar:
            bar.begin(len(chosen))
            outcome = run(classifier, files, chosen, output, options, bar.advance)
        parts = [known.parts.get(str(item["image"]), "") for item in chosen]
    warnings = trained.warnings(parts, known) if outcome.scores else []
    _tell(outcome, warnings, output, quiet=quiet, as_json=json)
    if outcome.failed:
        raise typer.Exit(SOME_FAILED)


def _tell(outcome: Outcome, warnings: list[str], output: Path, *, quiet: bool, as_json: bool) -> None:
    from cxrtk.cli.tables import print_json

    if as_json:
        print_json(
            {
                "images": len(outcome.images),
                "failed": outcome.failed,
                "findings": [asdict(score) for score in outcome.scores],
                "localisation": [asdict(score) for score in outcome.localisation],
                "boxes_without_image": outcome.boxes_without_image,
                "warnings": warnings,
                "output": str(output),
            }
        )
        return
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if quiet:
        return
    _print_scores(outcome)
    _print_localisation(outcome)
    print(f"{counted(len(outcome.images), 'image')}, {outcome.failed} failed; see {output}", file=sys.stderr)


def _print_scores(outcome: Outcome) -> None:
    from cxrtk.cli.tables import print_table
    from cxrtk.evaluation.findings import mean_auc

    if not outcome.scores:
        return
    rows = [
        {
            "finding": score.finding,
            "images with it": f"{score.positive} of {score.images}",
            "AUC": _number(score.auc),
            "95 % interval": _interval(score.interval),
            "average precision": _number(score.average_precision),
        }
        for score in outcome.scores
    ]
    print_table(rows, list(rows[0]))
    having = sum(score.auc is not None for score in outcome.scores)
    mean = _number(mean_auc(outcome.scores))
    print(f"Mean AUC {mean} over {having} findings; {len(rows) - having} have none.")


def _print_localisation(outcome: Outcome) -> None:
    from cxrtk.cli.tables import print_table

    if not outcome.localisation:
        return
    rows = [
        {
            "finding": score.finding,
            "images": str(score.cases),
            "pointing game": f"{score.pointing.value:.3f}",
            "95 % interval": _interval(score.pointing.interval),
            "blind": f"{score.chance:.3f}",
            **{f"IoU@{limit}": f"{score.iou[limit].value:.3f}" for limit in SHOWN},
            **{f"IoBB@{limit}": f"{score.iobb[limit].value:.3f}" for limit in SHOWN},
        }
        for score in outcome.localisation
    ]
    print_table(rows, list(rows[0]))
    if outcome.boxes_without_image:
        print(f"{outcome.boxes_without_image} boxes are of images or findings that were not looked at.")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(ends: tuple[float, float] | None) -> str:
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"
