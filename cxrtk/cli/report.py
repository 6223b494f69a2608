"""`cxrtk report`: a folder of results as one web page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(help="What cxrtk segment wrote.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The page; default: FOLDER/report.html.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            "--input", "-i", help="The images that were segmented; without them previews are shown."
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "Lung masks",
    most: Annotated[
        int, typer.Option("--max-images", min=1, help="Show so many, those that want a look first.")
    ] = 2000,
    reader: Annotated[str, typer.Option(help="Reader of the images.")] = "files",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that read images.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")] = False,
) -> None:
    """Make one web page that holds everything: pictures, masks to fade in, measures, flags, reasons.

    cxrtk report OUT -i IMAGES -o report.html

    The page needs no network and no other file. It shows the images, so it is as confidential as they are.
    """
    from rich.console import Console
    from rich.progress import Progress

    from cxrtk.data.atomic import replacing
    from cxrtk.report.kinds import kind_of
    from cxrtk.report.segmented import Options
    from cxrtk.report.sources import Images

    kind = kind_of(folder)
    options = Options(Images(images, reader, workers), title, most)
    target = output if output is not None else folder / "report.html"
    with Progress(console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("report:")
        page = kind.build(folder, options, lambda done, total: bar.update(task, completed=done, total=total))
    with replacing(target) as part:
        part.write_text(page, encoding="utf-8", newline="\n")
    if not quiet:
        print(f"{target}: {target.stat().st_size / 1e6:.1f} MB", file=sys.stderr)
