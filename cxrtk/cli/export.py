"""`cxrtk export`: export of a trained model as a single file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Format(str, Enum):
    """Output formats."""

    cxrtk = "cxrtk"
    monai = "monai"


SUFFIXES = {".safetensors": Format.cxrtk, ".pt": Format.monai}


def export(
    model: Annotated[
        str, typer.Argument(help="A run's folder, one of its checkpoints, a model file, or a shipped model.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .safetensors or .pt file to write.")],
    name: Annotated[str, typer.Option(help="How outputs call the model; default: the file's name.")] = "",
    format_: Annotated[
        Format | None, typer.Option("--format", help="cxrtk (.safetensors) or monai (.pt); by the suffix.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Keep 32 bits a weight; a .safetensors file has 16 otherwise.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a model as one file: for cxrtk with all that is needed to use it, or for MONAI its weights.

    cxrtk export runs/lungs-1 -o lungs.safetensors      # then: cxrtk segment --model lungs.safetensors

    cxrtk export lungs -o model.pt                      # a state dict, for torch.load(weights_only=True)

    The same model gives the same bytes. `cxrtk calibrate` adds a quality flag to a run's model.
    """
    from dataclasses import replace

    from cxrtk.errors import ConfigError
    from cxrtk.models.find import find_model
    from cxrtk.models.model_file import save_model
    from cxrtk.training import checkpoints

    chosen = chosen_format(output, format_)
    if chosen is Format.monai and name:
        raise ConfigError("A state dict holds no name; --name is for .safetensors files.")
    if output.exists() and not force:
        raise ConfigError(f"{output}: exists; name another file, or add --force.")
    found = find_model(model)
    state = found.network.state_dict()
    if chosen is Format.monai:
        checkpoints.save({key: value.contiguous().clone() for key, value in state.items()}, output)
    else:
        save_model(replace(found.spec, name=name or output.stem), state, output, half=not full)
    print(f"Wrote {output}, {output.stat().st_size / 1e6:.1f} MB, SHA-256 {checkpoints.sha256(output)}.")


def chosen_format(output: Path, asked: Format | None) -> Format:
    """Choose the format, which must agree with the suffix of the file.

    Raises:
        ConfigError: The format and the suffix differ.
    """
    from cxrtk.errors import ConfigError

    by_suffix = SUFFIXES.get(output.suffix)
    if by_suffix is None or asked not in (None, by_suffix):
        wanted = " or ".join(suffix for suffix, each in SUFFIXES.items() if asked in (None, each))
        raise ConfigError(f"{output}: name a file that ends in {wanted}.")
    return by_suffix
