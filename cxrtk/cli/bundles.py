"""`cxrtk bundles`: the shipped configs and their paths."""

from __future__ import annotations

from typing import Annotated

import typer

from cxrtk.cli.tables import print_json, print_table
from cxrtk.errors import ConfigError


def bundles(
    name: Annotated[str | None, typer.Argument(help="Print the path of this one only.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the bundle configs that ship, or print the path of one.

    python -m monai.bundle run --config_file $(cxrtk bundles unet_cxr)
    """
    from cxrtk.bundles import shipped

    paths = {each: str(path) for each, path in shipped().items()}
    if name is not None and name not in paths:
        raise ConfigError(f"No bundle {name!r}. There are: {', '.join(paths)}.")
    if name is not None:
        print(paths[name])
    elif json:
        print_json(paths)
    else:
        print_table([{"name": each, "path": path} for each, path in paths.items()], ("name", "path"))
