"""`cxrtk masks`: generation of weak lung masks for a folder of images."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options
from cxrtk.cli.settings import arguments_of, parse_settings
from cxrtk.cli.walk import left_out, say_left_out, walk
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.passes import Result


@with_pass_options
def masks(
    dataset_dir: Annotated[Path, typer.Option("--dataset-dir", help="Folder of the images.")],
    generator: Annotated[str, typer.Option(help="Mask generator.")],
    output: shared.Output,
    reader: shared.ReaderName = "files",
    settings: shared.Settings = None,
    modality: shared.Modality = None,
    passing: PassOptions = DEFAULTS,
) -> None:
    """Generate a lung mask for every image by thresholds: a weak label, not a human's ground truth.

    Writes <stem>_mask.png, <stem>_preview.jpg, masks.csv and manifest.jsonl. If an image fails, the
    table gives the reason, the others are still processed, and the exit code is 3. --continue resumes a
    stopped pass.
    """
    from cxrtk import registry

    given = parse_settings(settings or [])
    of_reader = arguments_of("reader", given, also=["generator"])
    of_generator = arguments_of("generator", given, also=["reader"])
    registry.check_arguments(registry.masks, generator, of_generator)

    how = passing.walk(
        [str(dataset_dir)],
        output,
        reader=reader,
        modality=modality or (),
        batch_size=1,
        reader_arguments=of_reader,
    )
    result = walk(generator, "masks", {"generator": generator, "arguments": of_generator}, how)
    if not passing.quiet:
        print(summary(result, output / "masks.csv"), file=sys.stderr)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def summary(result: Result, table: Path) -> str:
    """Summarise the results per image in one sentence."""
    failed, done = result.counts.get("failed", 0), result.counts.get("ok", 0)
    empty = sum(entry.row.get("lung_fraction") == 0 for entry in result.entries)
    skipped = left_out(result)
    others = f", {say_left_out(skipped)}" if skipped else ""
    return (
        f"{counted(done + failed, 'image')}: {counted(done - empty, 'mask')}, "
        f"{counted(empty, 'empty mask')}, {failed} failed{others}; see {table}"
    )
