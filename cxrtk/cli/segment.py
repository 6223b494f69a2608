"""`cxrtk segment`: segmentation of the lungs in one file or 100,000."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.classes import HEART_EXCLUDED, HEART_INCLUDED
from cxrtk.cli import options as shared
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options
from cxrtk.cli.remote import CaFile, Credentials, Remote, Store
from cxrtk.cli.walk import left_out, say_left_out, walk
from cxrtk.models import DEFAULT
from cxrtk.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from cxrtk.passes.manifest import Entry
    from cxrtk.passes.walk import Result

FORMATS = "png,json,csv"


Inputs = Annotated[
    list[str],
    typer.Option(
        "--input",
        "-i",
        help="A file, or a folder with its subfolders; @FILE reads one path from each line; or a study, "
        "series "
        "or instance of a DICOMweb server, https://HOST/dicom-web/studies/UID. Repeatable.",
    ),
]


class Convention(str, Enum):
    """Conventions on whether the lungs include the heart."""

    excluded = HEART_EXCLUDED
    included = HEART_INCLUDED


@with_pass_options
def segment(
    inputs: Inputs,
    output: shared.Output,
    model: shared.ModelName = DEFAULT,
    formats: Annotated[
        str,
        typer.Option(
            "--output-types",
            "-ot",
            help="Writers, comma-separated: png, nifti, dicom-seg, dicom-sr, json, csv.",
        ),
    ] = FORMATS,
    device: shared.Device = "cpu",
    backend: shared.Backend = shared.BackendName.auto,
    precision: shared.Precision = shared.PrecisionName.auto,
    reader: shared.ReaderName = "files",
    settings: shared.Settings = None,
    modality: shared.Modality = None,
    batch_size: shared.BatchSize = 4,
    threshold: Annotated[
        float | None, typer.Option(help="Probability threshold; default: the model's.")
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--no-postprocess", help="Skip post-processing: keep every region and hole of the masks."
        ),
    ] = False,
    convention: Annotated[
        Convention | None,
        typer.Option(
            help="Convention of the lungs: without the heart, or drawn through it; default: the model's."
        ),
    ] = None,
    preview: Annotated[
        bool | None,
        typer.Option(
            "--preview/--no-preview",
            help="Write previews with outlines, sides and widths; the default for a single file.",
        ),
    ] = None,
    fill: Annotated[bool, typer.Option("--fill", help="Tint the masks in the previews.")] = False,
    side_by_side: Annotated[
        bool, typer.Option("--preview-side-by-side", help="Place the plain image next to each preview.")
    ] = False,
    probabilities: Annotated[
        bool,
        typer.Option("--save-probabilities", help="Write the probabilities at the network's resolution."),
    ] = False,
    store: Store = None,
    credentials: Credentials = None,
    ca_file: CaFile = None,
    passing: PassOptions = DEFAULTS,
    json: shared.AsJson = False,
) -> None:
    """Segment both lungs and the heart in chest X-rays, at the size of each image.

    Writes masks that mirror the input folder, measures, and manifest.jsonl with the outcome for each file. A
    file that fails does not stop the others; the exit code is then 3. Exit codes 130 and 143 mean that Ctrl-C
    or SIGTERM stopped the pass; --continue resumes it.
    """
    remote = Remote.of(inputs, store, credentials, ca_file)
    arguments = {
        "model": model,
        "device": device,
        "backend": backend.value,
        "precision": precision.value,
        "threshold": threshold,
        "postprocess": not raw,
        "convention": None if convention is None else convention.value,
        "formats": remote.formats(shared.split_words("--output-types", formats)),
        "preview": is_one_file(inputs) or fill or side_by_side if preview is None else preview,
        "fill": fill,
        "side_by_side": side_by_side,
        "probabilities": probabilities,
    }
    reading = {"reader": reader, "settings": settings or (), "modality": modality or ()}
    started = time.monotonic()
    with remote.local(inputs, modality or ()) as paths:
        how = passing.walk(paths, output, batch_size=batch_size, **reading)
        result = walk("segment", "segment", arguments, how)
    stored = remote.store(result, output, quiet=passing.quiet or json)
    tell(result, output, time.monotonic() - started, stored, quiet=passing.quiet, as_json=json)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def is_one_file(inputs: Sequence[str]) -> bool:
    """Return whether the inputs are a single file, whose picture somebody is about to look at."""
    from pathlib import Path

    return len(inputs) == 1 and not inputs[0].startswith("@") and Path(inputs[0]).is_file()


def tell(
    result: Result, output: Path, seconds: float, stored: Mapping[str, int], *, quiet: bool, as_json: bool
) -> None:
    """Print the results: a table of one image, one line about many, or JSON."""
    from cxrtk.cli.tables import print_json, print_pairs
    from cxrtk.inference.segmentation.answer import rows_of

    flags: dict[str, int] = {}
    first: Entry | None = None
    for entry in result.entries:
        if first is None and entry.status != "left_out":
            first = entry
        flag = entry.row.get("quality", {}).get("flag")
        if flag:
            flags[flag] = flags.get(flag, 0) + 1
    failed, skipped = result.counts.get("failed", 0), left_out(result)
    found: dict[str, Any] = {
        "images": result.counts.get("ok", 0) + failed,
        "failed": failed,
        "left_out": skipped.total(),
        "flags": flags,
        "seconds": round(seconds, 1),
        "output": str(output),
        **stored,
    }
    if as_json:
        print_json(found)
    elif not quiet:
        if found["images"] == 1 and first is not None:
            print_pairs(rows_of(first, output))
        done, errors = found["images"] - failed, counted(failed, "error")
        others = f", {say_left_out(skipped)}" if skipped else ""
        flagged = ", ".join(f"{count} {flag}" for flag, count in sorted(flags.items()))
        quality = f"; quality: {flagged}" if flagged else ""
        print(
            f"{counted(found['images'], 'image')}: {done} segmented, {errors}{others}{quality}; see {output}",
            file=sys.stderr,
        )
