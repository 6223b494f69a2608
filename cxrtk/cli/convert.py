"""`cxrtk convert`: conversion of DICOM files to PNG or NIfTI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options
from cxrtk.cli.walk import say_left_out, walk
from cxrtk.errors import ConfigError
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.passes import Result

ANY = "any"


@with_pass_options
def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A DICOM file, or a folder of them.")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="Output file (.png, .nii, .nii.gz), or output folder.")
    ],
    bits: Annotated[int, typer.Option(help="Bits per pixel: 8 or 16.")] = 16,
    voi: Annotated[str, typer.Option(help="Contrast: auto, lut, window, percentile or none.")] = "auto",
    form: Annotated[
        str, typer.Option("--format", help="Format of the outputs of a folder: png, nii or nii.gz.")
    ] = "png",
    modality: shared.Modality = None,
    refuse: Annotated[
        list[str] | None, typer.Option(help="Leave out images with this flag, such as lateral. Repeatable.")
    ] = None,
    accept_burned_in: Annotated[
        bool,
        typer.Option(
            "--i-accept-burned-in", help="Also write images with burned-in text, which may contain a name."
        ),
    ] = False,
    passing: PassOptions = DEFAULTS,
) -> None:
    """Write DICOM radiographs as PNG or NIfTI, with the pixels that every other verb uses.

    The output mirrors the input folder; converted.csv lists all decisions, and manifest.jsonl all files. A
    file that cannot be read gives one line and does not stop the others; the exit code is then 3. --continue
    resumes a stopped pass.
    """
    from cxrtk.data.pixels.dicom.luts import VOIS
    from cxrtk.data.pixels.flags import FLAGS
    from cxrtk.passes import ConvertStep

    refused = [*(refuse or []), *([] if accept_burned_in else ["burned_in"])]
    if voi not in VOIS:
        raise ConfigError(f"--voi must be one of {', '.join(VOIS)}, not {voi!r}.")
    if unknown := [flag for flag in refused if flag not in FLAGS]:
        raise ConfigError(f"--refuse must be one of {', '.join(FLAGS)}, not {unknown[0]!r}.")
    ConvertStep(form, bits)  # validates before anything is read
    arguments: dict[str, Any] = {"voi": voi, "refuse": refused, "only": ["DICOM"]}
    if not source.is_dir():
        _one(source, target, bits, arguments)
        return

    how = passing.walk(
        [str(source)],
        target,
        modality=modality or (),
        batch_size=1,
        reader_arguments=arguments,
    )
    result = walk("convert", "convert", {"form": form, "bits": bits}, how)
    if not passing.quiet:
        print(summary(result, target / "converted.csv"), file=sys.stderr)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _one(source: Path, target: Path, bits: int, arguments: dict[str, Any]) -> None:
    """Convert one file, whatever its modality, under the same limits as one of many files."""
    from cxrtk.data.isolation import IsolatedReader
    from cxrtk.data.pixels.save import check_target, save

    if target.is_dir():
        raise ConfigError(f"{target}: is a folder; name a file.")
    if target.exists() and source.exists() and target.samefile(source):
        raise ConfigError(f"{target}: is the input, and would be overwritten; name another output.")
    check_target(target)
    with IsolatedReader("files", {"root": str(source), **arguments}) as reader:
        radiograph = reader.read(source)
    save(radiograph, target, bits=bits)
    height, width = radiograph.pixels.shape
    flags = ", ".join(radiograph.meta["flags"]) or "no flags"
    print(f"{target}: {width} x {height}, {bits} bits, {flags}", file=sys.stderr)


def summary(result: Result, table: Path) -> str:
    """Summarise the results per file in one sentence."""
    converted, failed = (result.counts.get(status, 0) for status in ("ok", "failed"))
    files = converted + failed + sum(result.left_out.values())
    return (
        f"{counted(files, 'file')}: {converted} converted, {say_left_out(result.left_out)}, "
        f"{failed} failed; see {table}"
    )
