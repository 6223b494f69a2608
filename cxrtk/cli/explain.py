"""`cxrtk explain`: where a network sees a class, and whether that depends on what it learned."""

from __future__ import annotations

import csv
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.bar import Bar
from cxrtk.errors import ConfigError
from cxrtk.models import DEFAULT
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.explain.explainer import Explainer
    from cxrtk.explain.sanity import Cascade, Step
    from cxrtk.inference.explaining import Row
    from cxrtk.inference.model import Model
    from cxrtk.passes.reading import ReadAhead

SOME_FAILED = 3  # exit code
COLUMNS = ("randomised down to", "Spearman", "|Spearman|", "SSIM", "constant")


class Method(str, Enum):
    """How maps are made."""

    cam = "cam"
    grad_cam = "grad-cam"


def explain(
    source: Annotated[
        Path | None, typer.Option("--input", "-i", help="A file, or a folder with all below it.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the results.")] = None,
    model: Annotated[
        str,
        typer.Option(
            help="One that `cxrtk models` lists, a run's folder, one of its checkpoints, or a model file."
        ),
    ] = DEFAULT,
    method: Annotated[
        Method, typer.Option(help="cam: the last feature maps. grad-cam: any layer, by default the deepest.")
    ] = Method.cam,
    layer: Annotated[str, typer.Option(help="Layer in place of the one that is found.")] = "",
    layers: Annotated[
        bool, typer.Option("--layers", help="List the model's layers that give maps, and end.")
    ] = False,
    classes: Annotated[str, typer.Option(help="Classes by commas; default: those of `cxrtk segment`.")] = "",
    raw: Annotated[bool, typer.Option("--raw", help="Write the maps as NPY too.")] = False,
    sanity: Annotated[
        bool, typer.Option("--sanity", help="In place of maps: randomise the weights, and see them change.")
    ] = False,
    images: Annotated[int, typer.Option(min=1, help="Images for --sanity, the first that can be read.")] = 4,
    draws: Annotated[int, typer.Option(min=1, help="Draws of random weights for --sanity.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the random weights.")] = 0,
    device: Annotated[str, typer.Option("--device", "-d", help="cpu, cuda, cuda:1.")] = "cpu",
    reader: Annotated[str, typer.Option(help="Reader of the files.")] = "files",
    workers: Annotated[int, typer.Option("--workers", help="Processes that read files.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Show where in chest X-rays a network sees each of its classes.

    Writes <stem>_<class>_cam.png, the map in colour over the image, and maps.csv; mirrors the input folder.
    A file that fails does not stop the others, and makes the exit code 3. --sanity writes sanity.csv and
    sanity.png, and prints how alike the maps still are as the weights become random, layer by layer.
    """
    from cxrtk.cli.options import check_device
    from cxrtk.inference import batch
    from cxrtk.inference.explaining import explainer_of
    from cxrtk.inference.find import find_model
    from cxrtk.passes.reading import read_ahead
    from cxrtk.training.signals import guarded_signals

    found = find_model(model, check_device(device))
    if layers:
        _print_layers(found)
        return
    if source is None or output is None:
        raise ConfigError("Name the images by --input and a folder for the results by --output.")
    wanted = [name.strip() for name in classes.split(",") if name.strip()]
    explainer, names = explainer_of(found, method=method.value, layer=layer, classes=wanted)
    with guarded_signals("the same command"), read_ahead(source, reader=reader, workers=workers) as files:
        jobs = batch.plan([str(item["image"]) for item in files.reader.items()], source, output)
        if sanity:
            paths = [job.image for job in jobs]
            failed = _check(files, paths, found, explainer, names, output, images, draws, seed, quiet, json)
        else:
            from cxrtk.inference.explaining import run

            with Bar("explain", hidden=quiet) as bar:
                bar.begin(len(jobs))
                rows = run(jobs, files, found, explainer, names, output, raw=raw, report=bar.advance)
            failed = _tell(rows, explainer, output, quiet=quiet, as_json=json)
    if failed:
        raise typer.Exit(SOME_FAILED)


def _print_layers(model: Model) -> None:
    import torch

    from cxrtk.cli.tables import print_table
    from cxrtk.explain.layers import map_sizes

    spec = model.spec
    device = next(model.network.parameters()).device
    like = torch.zeros(1, spec.in_channels, spec.image_size, spec.image_size, device=device)
    modules = dict(model.network.named_modules())
    rows = [
        {"layer": name, "type": type(modules[name]).__name__, "pixels": str(area)}
        for name, area in map_sizes(model.network, like).items()
    ]
    print_table(rows, ("layer", "type", "pixels"))


def _tell(rows: list[Row], explainer: Explainer, output: Path, *, quiet: bool, as_json: bool) -> int:
    """What became of the files; gives how many failed."""
    from cxrtk.cli.tables import print_json

    status = {row.image: row.status for row in rows}
    failed = sum(each == "failed" for each in status.values())
    constant = sum(row.status == "constant" for row in rows)
    if as_json:
        print_json(
            {
                "images": len(status),
                "failed": failed,
                "constant_maps": constant,
                "method": explainer.method,
                "layer": explainer.layer,
                "output": str(output),
            }
        )
    elif not quiet:
        flat = f", {counted(constant, 'map')} without any contrast" if constant else ""
        print(
            f"{counted(len(status), 'image')}: {len(status) - failed} explained by {explainer.method} at "
            f"{explainer.layer}, {failed} failed{flat}; see {output}",
            file=sys.stderr,
        )
    return failed


def _check(
    files: ReadAhead,
    paths: list[str],
    model: Model,
    explainer: Explainer,
    names: tuple[str, ...],
    output: Path,
    images: int,
    draws: int,
    seed: int,
    quiet: bool,
    as_json: bool,
) -> int:
    """The sanity check; gives how many files could not be read."""
    import torch

    from cxrtk.explain.pictures import save_cascade
    from cxrtk.explain.sanity import cascade, step_count
    from cxrtk.inference.explaining import Preparer, readable

    radiographs, failed = readable(files.read(iter(paths)), images)
    if not radiographs:
        raise ConfigError("None of the images can be read, so that there is nothing to check.")
    device = next(model.network.parameters()).device
    prepare = Preparer(model)
    prepared = [prepare(each) for each in radiographs]
    x = torch.stack([each.tensor for each in prepared]).to(device)
    with Bar("randomise", hidden=quiet, unit="networks") as bar:
        bar.begin(step_count(explainer.network, x[:1], draws))
        found = cascade(explainer, x, draws=draws, seed=seed, report=lambda: bar.advance(1))
    box = prepared[0].box
    seen = radiographs[0].pixels[box.top : box.bottom, box.left : box.right]
    save_cascade(found, seen, output / "sanity.png", names=names)
    write_steps([*found.steps, found.image], output / "sanity.csv")
    _print_steps(found, explainer, len(radiographs), as_json=as_json)
    return failed


def write_steps(steps: list[Step], path: Path) -> None:
    """Write the steps of a check as CSV."""
    from dataclasses import astuple, fields

    from cxrtk.data.atomic import replacing

    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(steps[0]))
        writer.writerows(astuple(step) for step in steps)


def _print_steps(found: Cascade, explainer: Explainer, images: int, *, as_json: bool) -> None:
    from dataclasses import asdict

    from cxrtk.cli.tables import print_json, print_table

    about: dict[str, Any] = {"method": explainer.method, "layer": explainer.layer, "images": images}
    if as_json:
        print_json({**about, "steps": [asdict(step) for step in found.steps], "image": asdict(found.image)})
        return
    rows = [
        dict(
            zip(
                COLUMNS,
                (
                    step.layer,
                    f"{step.spearman:.3f}",
                    f"{step.strength:.3f}",
                    f"{step.ssim:.3f}",
                    f"{step.constant} of {step.maps}",
                ),
                strict=True,
            )
        )
        for step in (*found.steps, found.image)
    ]
    print_table(rows, COLUMNS)
    last = found.steps[-1]
    print(
        f"With all weights random, the maps by {explainer.method} at {explainer.layer} have a rank "
        f"correlation of {last.strength:.2f} with the trained ones (absolute, {last.maps} maps); the image "
        f"itself has {found.image.strength:.2f}."
    )
