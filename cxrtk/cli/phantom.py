"""`cxrtk phantom`: generation of synthetic radiographs with exact masks."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.wording import counted


def phantom(
    output: Annotated[Path, typer.Argument(help="Folder to write; must not contain anything else.")],
    count: Annotated[
        int,
        typer.Option(
            min=1, max=1_000_000, help="Number of images; there are three quarters as many patients."
        ),
    ] = 96,
    seed: Annotated[
        int, typer.Option(min=0, max=shared.HIGHEST_SEED, help="Seed; the same seed gives the same set.")
    ] = 0,
    size: Annotated[int, typer.Option(min=32, max=4096, help="Rows and columns of each image.")] = 512,
    inverted: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the images that are stored inverted.")
    ] = 0.0,
    findings: Annotated[
        bool,
        typer.Option("--findings", help="Plant findings in half of the images, with masks and boxes."),
    ] = False,
    quiet: shared.Quiet = False,
) -> None:
    """Draw digital chest phantoms in the layout of NIH ChestX-ray14.

    Each has exact masks of lungs and heart and, with --findings, of its findings. Phantoms are for code and
    tests; a model for patients can be neither trained nor evaluated on them. See docs/phantom.md.
    """
    from cxrtk.data.phantom import write_nih
    from cxrtk.data.phantom.write import TABLE

    folder = write_nih(output, count, seed, size, inverted, findings)
    if not quiet:
        print(_summary(folder, folder / TABLE), file=sys.stderr)


def _summary(folder: Path, table: Path) -> str:
    """Summarise the number of images, patients and findings in one sentence."""
    with table.open(encoding="utf-8", newline="") as file:
        cells = [(line[1], line[3]) for line in list(csv.reader(file))[1:]]
    counts = Counter(name for names, _ in cells for name in names.split("|"))
    found = ", ".join(f"{number} {name}" for name, number in counts.most_common())
    patients = len({patient for _, patient in cells})
    return f"{folder}: {counted(len(cells), 'image')} of {counted(patients, 'patient')}: {found}"
