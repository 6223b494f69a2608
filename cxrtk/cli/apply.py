"""`cxrtk apply`: application of any step, including your own, to many radiographs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options
from cxrtk.cli.settings import arguments_of, parse_settings
from cxrtk.cli.walk import left_out, say_left_out, walk
from cxrtk.wording import counted


@with_pass_options
def apply(
    step: Annotated[str, typer.Argument(help="Name of a step; `cxrtk plugins` lists them.")],
    inputs: shared.Inputs,
    output: shared.Output,
    settings: shared.Settings = None,
    reader: shared.ReaderName = "files",
    modality: shared.Modality = None,
    batch_size: shared.BatchSize = 4,
    passing: PassOptions = DEFAULTS,
) -> None:
    """Apply a step plugin to every radiograph of a file or folder, and record the results in a manifest.

    cxrtk apply lung_crops -i DIR -o OUT --set step#margin=0.1

    A file that fails does not stop the others; the exit code is then 3. --continue resumes a stopped pass.
    """
    from cxrtk import registry

    given = parse_settings(settings or [])
    of_reader = arguments_of("reader", given, also=["step"])
    of_step = arguments_of("step", given, also=["reader"])
    registry.check_arguments(registry.steps, step, of_step)

    how = passing.walk(
        inputs,
        output,
        reader=reader,
        modality=modality or (),
        batch_size=batch_size,
        reader_arguments=of_reader,
    )
    result = walk(step, step, of_step, how)
    if not passing.quiet:
        done, failed = (result.counts.get(name, 0) for name in ("ok", "failed"))
        print(
            f"{counted(done + failed, 'image')}: {done} done, {failed} failed, "
            f"{say_left_out(left_out(result))}; see {output}",
            file=sys.stderr,
        )
    if result.exit_code:
        raise typer.Exit(result.exit_code)
