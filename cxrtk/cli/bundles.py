"""`cxrtk bundles`: the shipped configs and their paths."""

from __future__ import annotations

from typing import Annotated

import typer

from cxrtk.cli.tables import print_json, print_table
from cxrtk.errors import ConfigError


def bundles(
    name: Annotated[str | None, typer.Argument(help="Print only the path of this bundle.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the shipped bundle configs, or print the path of one.

    python -m monai.bundle run --config_file $(cxrtk bundles unet_cxr)
    """
    from cxrtk.bundles import shipped

    paths = {each: str(path) for each, path in shipped().items()}
    if name is not None and name not in paths:
        raise ConfigError(f"No bundle {name!r}. Available: {', '.join(paths)}.")
    if name is not None:
        print(paths[name])
    elif json:
        print_json(paths)
    else:
        print_table([{"name": each, "path": path} for each, path in paths.items()], ("name", "path"))
