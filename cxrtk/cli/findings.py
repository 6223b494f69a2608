"""`cxrtk findings`: classification of findings, with scores if the source has ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.evaluate import Part
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options
from cxrtk.cli.walk import walk


@with_pass_options
def findings(
    inputs: shared.Inputs,
    output: shared.Output,
    model: Annotated[
        str, typer.Option(help="A run of bundles/chexnet_cxr.json: its folder, or a checkpoint.")
    ],
    reader: Annotated[
        str, typer.Option(help="Reader of the files; nih_png and some others also read the labels.")
    ] = "files",
    settings: shared.Settings = None,
    modality: shared.Modality = None,
    boxes: Annotated[
        Path | None,
        typer.Option(help="BBox_List_2017.csv: score the class activation maps against its boxes."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0, max=10_000, help="Tolerance of the pointing game around a box, in pixels.")
    ] = 0.0,
    pictures: Annotated[int, typer.Option(min=0, help="Number of maps to draw with their boxes.")] = 0,
    split: Annotated[
        Part,
        typer.Option(
            help="Images to evaluate: auto is the test part if the run used these images, else all."
        ),
    ] = Part.auto,
    batch_size: shared.BatchSize = 8,
    device: shared.Device = "cpu",
    seed: Annotated[
        int, typer.Option(min=0, max=shared.HIGHEST_SEED, help="Seed of the bootstrap intervals.")
    ] = 0,
    passing: PassOptions = DEFAULTS,
    json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Classify findings on chest X-rays with a model that you trained; no classifier ships with cxrtk.

    Writes findings.csv with a probability for each image and finding, and manifest.jsonl with the outcome for
    each file. If the reader provides labels, it also writes test_metrics.json: the area under each ROC curve,
    with a 95 % interval by patient. With --boxes it also writes localisation.json: how often the maps point
    into the boxes. If a file fails, the exit code is 3.
    """
    how = passing.walk(
        inputs,
        output,
        reader=reader,
        settings=settings or (),
        modality=modality or (),
        batch_size=batch_size,
    )

    arguments = {
        "model": model,
        "device": device,
        "boxes": "" if boxes is None else str(boxes),
        "tolerance": tolerance,
        "pictures": pictures,
        "split": split.value,
        "seed": seed,
    }
    result = walk("findings", "findings", arguments, how)
    from cxrtk.cli.found import tell

    tell(result, output, model, boxes, quiet=passing.quiet, as_json=json)
    if result.exit_code:
        raise typer.Exit(result.exit_code)
