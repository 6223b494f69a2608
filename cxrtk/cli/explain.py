"""`cxrtk explain`: class activation maps, and a sanity check of them."""

from __future__ import annotations

import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options
from cxrtk.cli.walk import left_out, say_left_out, walk
from cxrtk.errors import ConfigError
from cxrtk.models import DEFAULT
from cxrtk.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from cxrtk.passes.walk import Result


class Method(str, Enum):
    """Methods of making maps."""

    cam = "cam"
    grad_cam = "grad-cam"


@with_pass_options
def explain(
    inputs: shared.OptionalInputs = None,
    output: shared.OptionalOutput = None,
    model: shared.ModelName = DEFAULT,
    method: Annotated[
        Method, typer.Option(help="cam: the last feature maps. grad-cam: any layer, by default the deepest.")
    ] = Method.cam,
    layer: Annotated[str, typer.Option(help="Layer to use instead of the default one.")] = "",
    layers: Annotated[
        bool, typer.Option("--layers", help="List the model's layers that give maps, and exit.")
    ] = False,
    classes: Annotated[
        str, typer.Option(help="Classes, comma-separated; default: those of `cxrtk segment`.")
    ] = "",
    raw: Annotated[bool, typer.Option("--raw", help="Write the maps as NPY too.")] = False,
    sanity: Annotated[
        bool,
        typer.Option(
            "--sanity",
            help="Sanity check instead of maps: randomise the weights and measure how the maps change.",
        ),
    ] = False,
    images: Annotated[
        int, typer.Option(min=1, help="Number of images for --sanity; the first readable ones are used.")
    ] = 4,
    draws: Annotated[int, typer.Option(min=1, help="Number of random initialisations for --sanity.")] = 1,
    seed: Annotated[
        int, typer.Option(min=0, max=shared.HIGHEST_SEED, help="Seed of the random weights.")
    ] = 0,
    device: shared.Device = "cpu",
    reader: shared.ReaderName = "files",
    settings: shared.Settings = None,
    modality: shared.Modality = None,
    passing: PassOptions = DEFAULTS,
    json: shared.AsJson = False,
) -> None:
    """Show where in chest X-rays a network sees each of its classes.

    Writes <stem>_<class>_cam.png, the map in colour over the image, maps.csv, and manifest.jsonl with the
    outcome for each file; the output mirrors the input folder. A file that fails does not stop the others;
    the exit code is then 3. --sanity writes sanity.csv and sanity.png, and prints how similar the maps remain
    as the weights are randomised layer by layer.
    """
    wanted = shared.split_words("--classes", classes)
    if layers:
        from cxrtk.cli.sanity import print_layers

        print_layers(model, device)
        return
    if not inputs or output is None:
        raise ConfigError("Give the images with --input and a folder for the results with --output.")
    how = passing.walk(
        inputs,
        output,
        reader=reader,
        settings=settings or (),
        modality=modality or (),
        batch_size=1,  # maps are made for one image at a time
    )
    if sanity:
        if passing.runner is not shared.RunnerName.local:
            raise ConfigError("--sanity runs in this process: leave --runner out.")
        if passing.num_parts > 1 or passing.part_id or passing.go_on:
            raise ConfigError(
                "--sanity cannot be split or continued: leave --num-parts, --part-id and --continue out."
            )
        from cxrtk.cli.sanity import Check

        check = Check(model, device, method.value, layer, wanted, images, draws, seed)
        code = check(how, as_json=json)
    else:
        chosen = {"method": method.value, "layer": layer, "classes": wanted, "raw": raw}
        arguments = {"model": model, "device": device, **chosen}
        result = walk("explain", "explain", arguments, how)
        tell(result, output, quiet=passing.quiet, as_json=json)
        code = result.exit_code
    if code:
        raise typer.Exit(code)


def tell(result: Result, output: Path, *, quiet: bool, as_json: bool) -> None:
    """Print the results per file, on one line or as JSON."""
    from cxrtk.cli.tables import print_json

    constant, made = 0, {"method": "", "layer": ""}
    for entry in result.entries:
        constant += sum(each["status"] == "constant" for each in entry.row["maps"])
        made = {name: entry.settings[name] for name in made}
    done, failed = result.counts.get("ok", 0), result.counts.get("failed", 0)
    skipped = left_out(result)
    if as_json:
        found = {"images": done + failed, "failed": failed, "left_out": skipped.total()}
        print_json({**found, "constant_maps": constant, **made, "output": str(output)})
    elif not quiet:
        flat = f", {counted(constant, 'map')} without any contrast" if constant else ""
        others = f", {say_left_out(skipped)}" if skipped else ""
        print(
            f"{counted(done + failed, 'image')}: {done} explained by {made['method']} at {made['layer']}, "
            f"{failed} failed{others}{flat}; see {output}",
            file=sys.stderr,
        )
