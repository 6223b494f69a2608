"""`cxrtk weights`: export of a checkpoint's weights as safetensors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared


def weights(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint, such as runs/<run>/best.pt.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .safetensors file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    quiet: shared.Quiet = False,
) -> None:
    """Write a checkpoint's weights in 32 bits as safetensors, a format without code or training state.

    For a checkpoint of a run the file is a model with everything that `--model` needs. For a checkpoint
    without a run it holds only the weights, for `--set pretrained=FILE` and other programs.
    """
    import sys

    from cxrtk.errors import ConfigError
    from cxrtk.models.find import find_model
    from cxrtk.models.model_file import save_model
    from cxrtk.models.run_config import CONFIG
    from cxrtk.training.checkpoints import export_weights

    if output.suffix != ".safetensors":
        raise ConfigError(f"{output}: name a file that ends in .safetensors.")
    if output.exists() and not force:
        raise ConfigError(f"{output}: exists; name another file, or add --force.")
    if (checkpoint.parent / CONFIG).is_file() and checkpoint.is_file():
        found = find_model(str(checkpoint))
        save_model(replace(found.spec, name=output.stem), found.network.state_dict(), output, half=False)
    else:
        export_weights(checkpoint, output)
        print(
            f"cxrtk: {checkpoint} is not in a run's folder, so {output.name} holds only weights: --model "
            "does not take it, --set pretrained=FILE does.",
            file=sys.stderr,
        )
    if not quiet:
        print(f"Wrote {output}.")
