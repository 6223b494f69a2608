"""`cxrtk weights`: export of a checkpoint's weights as safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def weights(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint, as runs/<run>/best.pt.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .safetensors file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a checkpoint's weights, and nothing else of it, as safetensors, a format without code."""
    from cxrtk.errors import ConfigError
    from cxrtk.training.checkpoints import export_weights

    if output.suffix != ".safetensors":
        raise ConfigError(f"{output}: name a file that ends in .safetensors.")
    if output.exists() and not force:
        raise ConfigError(f"{output}: exists; name another file, or add --force.")
    export_weights(checkpoint, output)
    print(f"Wrote {output}.")
