"""`cxrtk findings`: classification of findings, with scores if the source has ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.evaluate import Part
from cxrtk.cli.walk import Walk, walk


def findings(
    inputs: shared.Inputs,
    output: shared.Output,
    model: Annotated[
        str, typer.Option(help="A run of bundles/chexnet_cxr.json: its folder, or a checkpoint.")
    ],
    reader: Annotated[
        str, typer.Option(help="Reader of the files; nih_png and others know what the images show.")
    ] = "files",
    settings: shared.Settings = None,
    modality: shared.Modality = None,
    boxes: Annotated[
        Path | None,
        typer.Option(help="BBox_List_2017.csv: score the class activation maps against its boxes."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0, max=10_000, help="Pixels that the pointing game allows beside a box.")
    ] = 0.0,
    pictures: Annotated[int, typer.Option(min=0, help="Draw so many maps with their boxes.")] = 0,
    split: Annotated[
        Part,
        typer.Option(help="Images: auto is the test part of a run that used these images, else all."),
    ] = Part.auto,
    batch_size: shared.BatchSize = 8,
    device: shared.Device = "cpu",
    workers: shared.Workers = 1,
    runner: shared.Runner = shared.RunnerName.local,
    processes: shared.Processes = None,
    address: shared.Address = "",
    seed: Annotated[
        int, typer.Option(min=0, max=shared.HIGHEST_SEED, help="Of the bootstrap intervals.")
    ] = 0,
    num_parts: shared.NumParts = 1,
    part_id: shared.PartId = 0,
    go_on: shared.GoOn = False,
    on_error: shared.OnErrorOption = shared.OnError.skip,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no table.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Tell findings on chest X-rays by a classifier that you trained; no classifier ships.

    Writes findings.csv, a probability an image and finding, and manifest.jsonl, which says what became of
    each file. Where the reader knows what the images show, also test_metrics.json: the area under each ROC
    curve, with a 95 % interval by patient. With --boxes, also localisation.json: how often the maps point
    into the boxes. A file that fails makes the exit code 3.
    """
    pass_options = Walk(
        inputs,
        output,
        reader,
        settings or (),
        modality or (),
        batch_size,
        workers,
        num_parts,
        part_id,
        go_on,
        on_error.value,
        quiet,
        runner=runner.value,
        processes=processes,
        address=address,
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
    result = walk("findings", "findings", arguments, pass_options)
    from cxrtk.cli.found import tell

    tell(result, output, model, boxes, quiet=quiet, as_json=json)
    if result.exit_code:
        raise typer.Exit(result.exit_code)
