"""`cxrtk report`: a folder of results as one web page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.cli.options import MOST_PROCESSES, split_words

if TYPE_CHECKING:
    from rich.progress import Progress


def report(
    folder: Annotated[
        Path, typer.Argument(help="Output folder of cxrtk segment or cxrtk evaluate, or the folder of a run.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Page to write; default: FOLDER/report.html.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            help="The images that were segmented; without them previews are shown. Of an evaluation "
            "or a run: the folder of the data set, if it is not where it was.",
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="Title of the page; default: made from its content.")] = "",
    formats: Annotated[
        str,
        typer.Option(
            "--format", help="html, md, csv; several are comma-separated. Pages of masks are html only."
        ),
    ] = "html",
    figures: Annotated[
        Path | None, typer.Option("--figures", help="Write each figure as SVG and PNG into this folder.")
    ] = None,
    most: Annotated[
        int,
        typer.Option(
            "--max-images", min=1, help="Most images to show; those that most need review come first."
        ),
    ] = 2000,
    compare: Annotated[
        Path | None,
        typer.Option(
            help="For masks: another output of cxrtk segment, whose measures and flags are compared."
        ),
    ] = None,
    reader: Annotated[str, typer.Option(help="Reader of the images.")] = "files",
    evaluate: Annotated[
        bool,
        typer.Option(
            "--evaluate/--no-evaluate",
            help="For a complete run: evaluate its test images first, if that is not done; kept in "
            "RUN/evaluation.",
        ),
    ] = True,
    device: Annotated[
        str,
        typer.Option("--device", "-d", help="Device on which test images are evaluated: cpu, cuda, cuda:1."),
    ] = "cpu",
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=MOST_PROCESSES, help="Processes that read images.")
    ] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")] = False,
) -> None:
    """Make a self-contained web page with images, masks, measures, figures and reasons.

    cxrtk report runs/RUN -o report.html

    cxrtk report OUT -i IMAGES -o report.html

    cxrtk report MARCH --compare FEBRUARY

    For a complete run, the test images are evaluated first. Evaluations and runs can also be written as
    Markdown and CSV, under the name of the page.

    The page needs no network and no other file. It shows the images, so it is as confidential as they are.
    """
    from dataclasses import replace

    from rich.console import Console
    from rich.progress import Progress

    from cxrtk.process.device import check_device
    from cxrtk.registry import readers
    from cxrtk.report.kinds import check_compare, kind_of
    from cxrtk.report.segmented import Options
    from cxrtk.report.sources import Images

    check_device(device)
    kind = kind_of(folder)
    options = Options(Images(images, reader, workers), title, most, compare=compare)
    check_compare(kind, folder, compare)
    readers.get(reader)  # fails for an unknown reader before any work
    wanted = _formats(formats)
    target = output if output is not None else folder / "report.html"
    with Progress(console=Console(stderr=True), disable=quiet) as bar:
        if evaluate:
            options = replace(options, notices=_evaluated(folder, str(images or ""), device, bar))
        task = bar.add_task("report:")
        written = kind.write(
            folder,
            target,
            options,
            wanted,
            figures,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if not quiet:
        more = f", and {len(written) - 1} more files" if len(written) > 1 else ""
        print(f"{written[0]}: {written[0].stat().st_size / 1e6:.1f} MB{more}", file=sys.stderr)


def _evaluated(folder: Path, dataset_dir: str, device: str, bar: Progress) -> list[str]:
    """Evaluate the test images of a run; return notices for the page if this is not possible."""
    from cxrtk.errors import CxrError
    from cxrtk.inference.scoring.evaluate_run import evaluate_run
    from cxrtk.report.run import is_complete

    if not is_complete(folder):
        return []

    def begin(total: int) -> Callable[[], None]:
        task = bar.add_task("evaluate:", total=total)
        return lambda: bar.advance(task)

    try:
        evaluate_run(folder, begin, dataset_dir, device)
    except CxrError as error:
        why = f"The test images could not be evaluated again: {error}"
        print(f"cxrtk: warning: {why}", file=sys.stderr)
        return [why]
    return []


def _formats(text: str) -> tuple[str, ...]:
    """Parse the requested formats, in the order in which they are written."""
    from cxrtk.errors import ConfigError
    from cxrtk.report.formats import FORMATS

    words = split_words("--format", text)
    unknown = [word for word in words if word not in FORMATS]
    if unknown or not words:
        raise ConfigError(f"--format {text}: choose from {', '.join(FORMATS)}, comma-separated.")
    return tuple(each for each in FORMATS if each in words)
