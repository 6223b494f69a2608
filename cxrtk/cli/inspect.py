"""`cxrtk inspect`: the metadata of a file, and the decisions in reading its pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.tables import print_json, print_table
from cxrtk.errors import ConfigError

if TYPE_CHECKING:
    from cxrtk.api import Radiograph

FORMATS = {"dicom": "DICOM", "png": "PNG", "nifti": "NIfTI"}  # names of the formats in the reader `files`


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A DICOM, PNG, JPEG or NIfTI file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the image as it is displayed (.png).")
    ] = None,
    reader: Annotated[
        str | None, typer.Option(help="dicom, png or nifti; default: detected from the content.")
    ] = None,
    voi: Annotated[str, typer.Option(help="Contrast: auto, lut, window, percentile or none.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    accept_burned_in: Annotated[
        bool,
        typer.Option(
            "--i-accept-burned-in", help="Also write an image with burned-in text, which may contain a name."
        ),
    ] = False,
) -> None:
    """Show what a file contains: each decision in reading it, with the reason, its flags and its spacing.

    Prints only attributes from a fixed list, none of which identifies a patient. Reads any modality.
    """
    from cxrtk.data.pixels.dicom.luts import VOIS
    from cxrtk.data.pixels.steps import steps

    if voi not in VOIS:
        raise ConfigError(f"--voi must be one of {', '.join(VOIS)}, not {voi!r}.")
    if output is not None:
        _check_output(file, output)
    radiograph = _read(file, reader, voi)
    rows = [step._asdict() for step in steps(radiograph)]
    flags, warnings = dict(radiograph.meta.get("flags", {})), list(radiograph.meta.get("warnings", []))
    warnings += _not_by_default(radiograph)
    if json:
        print_json({"steps": rows, "flags": flags, "warnings": warnings})
    else:
        print_table(rows, ("name", "decision", "found"))
        print("\nflags:", "" if flags else "none")
        for name, why in flags.items():
            print(f"  {name}: {why}")
        print("warnings:", "" if warnings else "none")
        for warning in warnings:
            print(f"  {warning}")
    if output is not None:
        _write(radiograph, file, output, accept_burned_in)


def _read(file: Path, name: str | None, voi: str) -> Radiograph:
    """Read a file in a worker process, since its decoder may hang or exhaust the memory."""
    from cxrtk.data.isolation import IsolatedReader

    if name is not None and name not in FORMATS:
        raise ConfigError(f"--reader must be one of {', '.join(FORMATS)}, not {name!r}.")
    only = {} if name is None else {"only": [FORMATS[name]]}
    with IsolatedReader("files", {"root": str(file), "voi": voi, **only}) as reader:
        return reader.read(file)


def _not_by_default(radiograph: Radiograph) -> list[str]:
    from cxrtk.data.pixels.dicom.files import MODALITIES
    from cxrtk.data.pixels.dicom.values import FREE_TEXT, tag

    meta = radiograph.meta
    held_back = any(tag("Modality", FREE_TEXT) in warning for warning in meta.get("warnings", ()))
    modality = meta.get("Modality", FREE_TEXT if held_back else "")
    if "TransferSyntaxUID" not in meta or modality in MODALITIES:
        return []
    return [f"Modality {modality}: read here, elsewhere only with modalities=None"]


def _check_output(file: Path, output: Path) -> None:
    """Validate the path of the picture before anything is read or printed."""
    if output.suffix.lower() != ".png":
        raise ConfigError(f"--output {output}: must end in .png.")
    if output.parent.exists() and not output.parent.is_dir():
        raise ConfigError(f"--output {output}: {output.parent} is a file; name a folder.")
    if output.is_dir():
        raise ConfigError(f"--output {output}: is a folder; name a file.")
    if output.exists() and file.exists() and output.samefile(file):
        raise ConfigError(f"--output {output}: is the file itself, and would be overwritten; name another.")


def _write(radiograph: Radiograph, file: Path, output: Path, accept_burned_in: bool) -> None:
    from cxrtk.data.atomic import replacing
    from cxrtk.data.pixels.flags import refuse_flagged
    from cxrtk.data.pixels.picture import picture

    if not accept_burned_in:
        refuse_flagged(file, radiograph.meta.get("flags", {}), ["burned_in"])
    with replacing(output) as part:
        picture(radiograph, _caption(radiograph)).save(part, format="PNG")


def _caption(radiograph: Radiograph) -> list[str]:
    """Caption of three lines, without the file name, which may identify a patient."""
    meta: Any = radiograph.meta
    height, width = radiograph.pixels.shape
    kind = meta.get("Modality") or meta.get("format") or "DICOM"
    row, column = radiograph.spacing_mm or (None, None)
    mm = f"{row:g} x {column:g} mm ({radiograph.spacing_source})" if row else "spacing unknown"
    return [
        f"{kind}, {width} x {height} pixels, {mm}",
        f"polarity {meta.get('polarity', 'as stored')}, VOI {meta.get('voi', 'none')}",
        f"flags: {', '.join(meta.get('flags', {})) or 'none'}",
    ]
