"""`cxrtk segment`: lungs from one file or 100,000."""

from __future__ import annotations

import sys
import time
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.bar import Bar
from cxrtk.errors import ConfigError
from cxrtk.models import DEFAULT
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.inference.batch import Result

FORMATS = "png,json,csv"


class OnError(str, Enum):
    """What to do about a file that cannot be read."""

    skip = "skip"
    stop = "stop"


def segment(
    source: Annotated[Path, typer.Option("--input", "-i", help="A file, or a folder with all below it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")],
    model: Annotated[
        str,
        typer.Option(
            help="One that `cxrtk models` lists, a run's folder, one of its checkpoints, or a model file."
        ),
    ] = DEFAULT,
    formats: Annotated[
        str,
        typer.Option(
            "--output-types", "-ot", help="Writers, by commas: png, nifti, dicom-seg, dicom-sr, json, csv."
        ),
    ] = FORMATS,
    device: Annotated[str, typer.Option("--device", "-d", help="cpu, cuda, cuda:1.")] = "cpu",
    reader: Annotated[str, typer.Option(help="Reader of the files.")] = "files",
    batch_size: Annotated[int, typer.Option("--batch-size", help="Images in one run of the network.")] = 4,
    workers: Annotated[int, typer.Option("--workers", help="Processes that read files.")] = 1,
    threshold: Annotated[
        float | None, typer.Option(help="Probability from which a pixel counts; default: the model's.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--no-postprocess", help="Keep every region and hole of the masks.")
    ] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Write pictures of the masks.")] = False,
    probabilities: Annotated[
        bool, typer.Option("--save-probabilities", help="Write probabilities, on the network's grid.")
    ] = False,
    num_parts: Annotated[int, typer.Option("--num-parts", help="Processes that share the work.")] = 1,
    part_id: Annotated[int, typer.Option("--part-id", help="Which of them this is, from 0.")] = 0,
    go_on: Annotated[bool, typer.Option("--continue", help="Go on where a run stopped.")] = False,
    on_error: Annotated[
        OnError, typer.Option("--on-error", help="A file that cannot be read.")
    ] = OnError.skip,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Find both lungs and the heart in chest X-rays, at each image's own size.

    Writes masks that mirror the input folder, measures, and manifest.jsonl, which says what became of each
    file. A file that fails does not stop the others, and makes the exit code 3. 130 and 143 say that Ctrl-C
    or SIGTERM stopped it; --continue goes on.
    """
    from cxrtk.inference.reading import read_ahead

    with read_ahead(source, reader=reader, workers=workers, ahead=2 * batch_size) as files:
        files.start()  # while torch and MONAI are imported
        from cxrtk.inference.find import find_model
        from cxrtk.inference.runner import SOME_FAILED, Runner
        from cxrtk.inference.segmenter import Segmenter

        runner = Runner(
            source,
            output,
            files,
            Segmenter(find_model(model), check_device(device), threshold=threshold, postprocess=not raw),
            writers=formats.split(","),
            batch_size=batch_size,
            preview=preview,
            probabilities=probabilities,
            num_parts=num_parts,
            part_id=part_id,
            go_on=go_on,
            on_error=on_error.value,
            hint="the same command and --continue",
        )
        started = time.monotonic()
        with Bar("segment", hidden=quiet) as bar:
            result = runner.run(bar.begin, bar.advance)
    tell(result, output, time.monotonic() - started, quiet=quiet, as_json=json)
    if result.failed:
        raise typer.Exit(SOME_FAILED)


def check_device(name: str) -> str:
    """``cpu``, or a GPU that is there.

    Raises:
        ConfigError: Another name, or no such GPU.
    """
    import torch

    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"--device {name}: no such device; say cpu, cuda or cuda:1.") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f"--device {name}: this machine has {torch.cuda.device_count()} CUDA devices.")
    if device.type not in ("cpu", "cuda"):
        print(f"cxrtk: warning: the device {name} is untested.", file=sys.stderr)
    return name


def tell(result: Result, output: Path, seconds: float, *, quiet: bool, as_json: bool) -> None:
    """What became of the files, in one line or as JSON."""
    from cxrtk.cli.tables import print_json

    flags: dict[str, int] = {}
    for entry in result.entries:
        flag = entry.quality.get("flag")
        if flag:
            flags[flag] = flags.get(flag, 0) + 1
    found: dict[str, Any] = {
        "images": len(result.entries),
        "failed": len(result.failed),
        "flags": flags,
        "seconds": round(seconds, 1),
        "output": str(output),
    }
    if as_json:
        print_json(found)
    elif not quiet:
        done, errors = found["images"] - found["failed"], counted(found["failed"], "error")
        flagged = ", ".join(f"{count} {flag}" for flag, count in sorted(flags.items()))
        quality = f"; quality: {flagged}" if flagged else ""
        print(
            f"{counted(found['images'], 'image')}: {done} segmented, {errors}{quality}; see {output}",
            file=sys.stderr,
        )
