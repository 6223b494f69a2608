"""`cxrtk calibrate`: calibration of a finished run, written as a model file."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared


def calibrate(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Folder of a finished run; after it, runs or models with which its weights are averaged."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .safetensors model file to write.")],
    name: Annotated[str, typer.Option(help="Name of the model in outputs; default: the file's name.")] = "",
    dataset_dir: Annotated[
        str,
        typer.Option(
            "--dataset-dir", help="Folder of the run's data; default: the one that it was trained from."
        ),
    ] = "",
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=shared.HIGHEST_SEED, help="Seed of the distortions that the flag is fitted on."
        ),
    ] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    quiet: shared.Quiet = False,
) -> None:
    """Fit temperatures and a quality flag for a finished run, and write everything as one model file.

    Temperatures are fitted on the run's validation images; the flag on its training and validation images,
    unchanged, distorted, and cut up. Test images are not used; FILE.splits.json
    lists the images of each part. `cxrtk segment --model FILE` uses the model.

    Several runs or models must have the same split and the same network, and their trainings should have
    begun with the same weights, with different seeds; the mean of other weights is of no use.

    cxrtk calibrate runs/lungs-1 -o lungs.safetensors

    cxrtk calibrate runs/last-0 runs/last-1 runs/last-2 -o lungs.safetensors
    """
    from cxrtk.cli.tables import print_table
    from cxrtk.data.split_files import same_split
    from cxrtk.errors import ConfigError
    from cxrtk.inference.quality.calibrate import calibrate as fit
    from cxrtk.inference.scoring.run_data import datalists_of_run
    from cxrtk.models.find import find_model
    from cxrtk.models.membership import SPLITS, splits_beside
    from cxrtk.models.model_file import save_model
    from cxrtk.models.soup import mean_of_weights
    from cxrtk.process.progress import track

    if output.suffix != ".safetensors":
        raise ConfigError(f"{output}: name a file that ends in .safetensors.")
    if output.exists() and not force:
        raise ConfigError(f"{output}: exists; name another file, or add --force.")
    model = mean_of_weights([find_model(str(run)) for run in runs])
    reader, lists = datalists_of_run(runs[0], dataset_dir)
    for run in runs[1:]:
        split = splits_beside(str(run))
        if split is None or not same_split(runs[0] / SPLITS, split):
            raise ConfigError(
                f"{run}: its split is not that of {runs[0]}, so test images of one may be training images of "
                "the other; average runs of one split (--set split_file=FILE)."
            )
    model, errors = fit(model, reader, lists.train, lists.validation, seed=seed, progress=track)
    model = replace(model, spec=replace(model.spec, name=name or output.stem))
    save_model(model.spec, model.network.state_dict(), output)
    shutil.copyfile(runs[0] / SPLITS, output.with_suffix(".splits.json"))
    if quiet:
        return
    columns = ("class", "temperature", "ECE before", "ECE after")
    rows = [
        (cls, f"{of['temperature']:.3f}", f"{of['ece_before']:.4f}", f"{of['ece_after']:.4f}")
        for cls, of in errors.items()
    ]
    print_table([dict(zip(columns, row, strict=True)) for row in rows], columns)
    print(f"Wrote {output}.")
