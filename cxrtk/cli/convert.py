"""`cxrtk convert`: DICOM files to PNG or NIfTI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.errors import ConfigError
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.data.pixels.convert import Options, Row

SOME_FAILED = 3  # exit code


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A DICOM file, or a folder of them.")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="A file (.png, .nii, .nii.gz), or the folder for them.")
    ],
    bits: Annotated[int, typer.Option(help="Bits a pixel: 8 or 16.")] = 16,
    voi: Annotated[str, typer.Option(help="Contrast: auto, lut, window, percentile or none.")] = "auto",
    form: Annotated[str, typer.Option("--format", help="Of a folder's outputs: png, nii or nii.gz.")] = "png",
    modality: Annotated[
        list[str] | None, typer.Option(help="Modality to take, or any; repeatable. [default: CR, DX]")
    ] = None,
    refuse: Annotated[
        list[str] | None, typer.Option(help="Flag whose images are left out, such as lateral; repeatable.")
    ] = None,
    accept_burned_in: Annotated[
        bool, typer.Option("--i-accept-burned-in", help="Write pictures that hold text, maybe a name.")
    ] = False,
) -> None:
    """Write DICOM radiographs as PNG or NIfTI: the pixels that every other verb sees.

    A folder is mirrored, with a table of all decisions, converted.csv. A file that cannot be read costs one
    line, does not stop the others, and makes the exit code 3.
    """
    from cxrtk.data.pixels.convert import Options
    from cxrtk.data.pixels.convert import convert as convert_one
    from cxrtk.data.pixels.dicom.luts import VOIS
    from cxrtk.data.pixels.flags import FLAGS

    wanted = modality or ["CR", "DX"]
    refused = [*(refuse or []), *([] if accept_burned_in else ["burned_in"])]
    if voi not in VOIS:
        raise ConfigError(f"--voi must be one of {', '.join(VOIS)}, not {voi!r}.")
    if unknown := [flag for flag in refused if flag not in FLAGS]:
        raise ConfigError(f"--refuse must be one of {', '.join(FLAGS)}, not {unknown[0]!r}.")
    if bits not in (8, 16):
        raise ConfigError(f"--bits must be 8 or 16, not {bits}.")
    options = Options(bits, voi, None if "any" in wanted else wanted, refused)
    if source.is_dir():
        _folder(source, target, form, options)
        return
    radiograph = convert_one(source, target, options)
    height, width = radiograph.pixels.shape
    flags = ", ".join(radiograph.meta["flags"]) or "no flags"
    print(f"{target}: {width} x {height}, {bits} bits, {flags}", file=sys.stderr)


def _folder(source: Path, target: Path, form: str, options: Options) -> None:
    from rich.console import Console
    from rich.progress import track

    from cxrtk.data.pixels.convert import TABLE, plan, run, write_table

    if form not in ("png", "nii", "nii.gz"):
        raise ConfigError(f"--format must be png, nii or nii.gz, not {form!r}.")
    tasks = plan(source, target, f".{form}")
    console = Console(stderr=True)
    rows = [run(task, options, target) for task in track(tasks, "convert:", console=console)]
    write_table(rows, target / TABLE)
    print(summary(rows, target / TABLE), file=sys.stderr)
    if any(row.status == "failed" for row in rows):
        raise typer.Exit(SOME_FAILED)


def summary(rows: list[Row], table: Path) -> str:
    """One sentence that counts what became of the files."""
    count = {status: sum(row.status == status for row in rows) for status in ("ok", "left out", "failed")}
    return (
        f"{counted(len(rows), 'file')}: {count['ok']} converted, {count['left out']} left out, "
        f"{count['failed']} failed; see {table}"
    )
