"""`cxrtk assemble`: assembly of a bundle config from plugin names."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.settings import parse_settings


def assemble(
    reader: Annotated[str, typer.Option(help="Reader; `cxrtk plugins --kind readers` lists them.")],
    masks: Annotated[str, typer.Option(help="Mask generator, for data without masks.")],
    network: Annotated[str, typer.Option(help="Network.")],
    metrics: Annotated[
        str, typer.Option(help="Metrics, comma-separated; the first one selects the checkpoint.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write: .json, .yaml or .yml.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ID=VALUE", help="Set one id of the config; repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    quiet: shared.Quiet = False,
) -> None:
    """Write a MONAI bundle config that uses the given plugins, and print the command that runs it."""
    from cxrtk import bundles
    from cxrtk.errors import ConfigError

    if output.exists() and not force:
        raise ConfigError(f"{output}: exists; name another file, or add --force.")
    config = bundles.assemble(
        reader=reader,
        masks=masks,
        network=network,
        metrics=shared.split_words("--metrics", metrics),
        settings=parse_settings(settings or []),
        config_name=output.stem,
    )
    bundles.write(config, output)
    if quiet:
        return
    command = f"python -m monai.bundle run --config_file {shlex.quote(str(output))}"
    # MONAI expects these beside the config, and fails without them.
    for option, name in (("--meta_file", "metadata.json"), ("--logging_file", "logging.conf")):
        if not (output.parent / name).exists():
            command += f" {option} {shlex.quote(os.path.relpath(bundles.folder() / name))}"
    print(f"Wrote {output}. Run it:\n  {command} --dataset_dir DIR")
