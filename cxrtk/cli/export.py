"""`cxrtk export`: export of a trained model as a single file, or as a bundle."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.cli import options as shared

if TYPE_CHECKING:
    from cxrtk.models.model_file import Model


class Format(str, Enum):
    """Output formats."""

    cxrtk = "cxrtk"
    monai = "monai"
    onnx = "onnx"
    torchscript = "torchscript"
    program = "program"
    openvino = "openvino"


SUFFIXES = {
    ".safetensors": Format.cxrtk,
    ".pt": Format.monai,
    ".onnx": Format.onnx,
    ".ts": Format.torchscript,
    ".pt2": Format.program,
    ".xml": Format.openvino,
}


def export(
    model: Annotated[
        str, typer.Argument(help="A run's folder, one of its checkpoints, a model file, or a shipped model.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write: .safetensors, .pt, .onnx, .ts, .pt2 or .xml."),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", help="Folder to write, as a bundle in the form of MONAI's model zoo."),
    ] = None,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="With --bundle: add the steps of cxrtk, which read DICOM.")
    ] = False,
    evaluation: Annotated[
        Path | None,
        typer.Option("--evaluation", help="With --bundle: output of `cxrtk evaluate`, for its README."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the model in outputs; default: the file's name.")] = "",
    format_: Annotated[
        Format | None, typer.Option("--format", help="File format; default: by the suffix.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Keep 32 bits per weight; otherwise a .safetensors file has 16.")
    ] = False,
    fixed_size: Annotated[
        bool,
        typer.Option("--fixed-size", help="Accept images of the model's size only; for .onnx, .pt2, .xml."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    quiet: shared.Quiet = False,
) -> None:
    """Export a model as one file, for cxrtk, MONAI or other programs, or as a bundle of MONAI's model zoo.

    cxrtk export runs/lungs-1 -o lungs.safetensors      # then: cxrtk segment --model lungs.safetensors

    cxrtk export lungs -o model.pt                      # a state dict, for torch.load(weights_only=True)

    cxrtk export lungs -o model.onnx                    # or .ts, .pt2, .xml: runs without cxrtk

    cxrtk export lungs --bundle lung_cxr_segmentation   # configs, weights, README, licences

    The same model gives the same bytes, as .safetensors and .pt. `cxrtk calibrate` adds a quality flag to a
    run's model.
    """
    from dataclasses import replace

    from cxrtk.errors import ConfigError
    from cxrtk.models.find import find_model
    from cxrtk.models.model_file import save_model
    from cxrtk.training import checkpoints

    if bundle is not None:
        return write_as_bundle(
            model, bundle, standalone, evaluation, [output, format_, name, full, fixed_size, force]
        )
    if standalone or evaluation is not None:
        raise ConfigError("--standalone and --evaluation are for bundles; add --bundle DIR.")
    if output is None:
        raise ConfigError("Name the file to write by -o, or a folder by --bundle.")
    chosen = chosen_format(output, format_)
    if chosen is Format.monai and name:
        raise ConfigError("A state dict holds no name; --name is for .safetensors files.")
    if output.exists() and not force:
        raise ConfigError(f"{output}: exists; name another file, or add --force.")
    found = find_model(model)
    state, told = found.network.state_dict(), ""
    if chosen not in (Format.cxrtk, Format.monai):
        named = replace(found, spec=replace(found.spec, name=name or output.stem))
        difference = write_format(model, named, output, fixed_size, force)
        told = f" Its logits differ from the model's by {difference:.1g} at most."
    elif chosen is Format.monai:
        checkpoints.save({key: value.contiguous().clone() for key, value in state.items()}, output)
    else:
        save_model(replace(found.spec, name=name or output.stem), state, output, half=not full)
    if not quiet:
        size, digest = output.stat().st_size / 1e6, checkpoints.sha256(output)
        print(f"Wrote {output}, {size:.1f} MB, SHA-256 {digest}.{told}")


def write_format(name: str, model: Model, output: Path, fixed_size: bool, force: bool) -> float:
    """Write a model, found by its name, in a format that runs without cxrtk; see `export_model`."""
    from cxrtk.models.find import members, path_of
    from cxrtk.models.formats.export import export_model
    from cxrtk.models.licence import licence_of

    licences = [licence_of(path_of(each)) for each in members(name)]
    return export_model(model, output, licences, fixed_size=fixed_size, replace=force)


def write_as_bundle(
    model: str, folder: Path, standalone: bool, evaluation: Path | None, of_files: list[object]
) -> None:
    """Write a model as a bundle, and say what became of it.

    Args:
        model: Name of the model.
        folder: Folder to write.
        standalone: Whether to add the steps of cxrtk.
        evaluation: Output folder of `cxrtk evaluate`; ``None`` for none.
        of_files: Options that are for single files, none of which may be set.

    Raises:
        ConfigError: An option for single files is set.
    """
    from cxrtk.bundles.zoo import write_bundle
    from cxrtk.errors import ConfigError

    if any(of_files):
        raise ConfigError(
            "--output, --format, --name, --full, --fixed-size and --force are for single files, not for "
            "--bundle."
        )
    write_bundle(model, folder, standalone=standalone, evaluation=evaluation)
    files = [path for path in folder.rglob("*") if path.is_file()]
    print(f"Wrote {folder}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB.")


def chosen_format(output: Path, asked: Format | None) -> Format:
    """Choose the format, which must agree with the suffix of the file.

    Raises:
        ConfigError: The format and the suffix differ.
    """
    from cxrtk.errors import ConfigError

    by_suffix = SUFFIXES.get(output.suffix)
    if by_suffix is None or asked not in (None, by_suffix):
        wanted = [suffix for suffix, each in SUFFIXES.items() if asked in (None, each)]
        listed = " or ".join(filter(None, (", ".join(wanted[:-1]), wanted[-1])))
        raise ConfigError(f"{output}: name a file that ends in {listed}.")
    return by_suffix
