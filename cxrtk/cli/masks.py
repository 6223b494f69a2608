"""`cxrtk masks`: a generated mask for each image of a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.settings import parse_settings
from cxrtk.errors import ConfigError
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.data.generate import Row

SOME_FAILED = 3  # exit code


def masks(
    reader: Annotated[str, typer.Option(help="Reader of the images.")],
    dataset_dir: Annotated[Path, typer.Option("--dataset_dir", help="Folder of the images.")],
    generator: Annotated[str, typer.Option(help="Mask generator.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for masks, previews and masks.csv.")],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="ID=VALUE", help='Argument of a plugin: reader#views=["PA"]; repeatable.'
        ),
    ] = None,
) -> None:
    """Make a lung mask of every image by thresholds: a weak label, not a human's truth.

    Writes <stem>_mask.png, <stem>_preview.jpg and masks.csv. An image that fails has its reason in the
    table, does not stop the others, and makes the exit code 3.
    """
    from rich.console import Console
    from rich.progress import track

    from cxrtk import registry
    from cxrtk.data import generate
    from cxrtk.data.isolation import IsolatedReader
    from cxrtk.registry import check_arguments

    arguments = _by_plugin(parse_settings(settings or []))
    made_with = {"root": str(dataset_dir), **arguments["reader"]}
    check_arguments(registry.readers, reader, made_with)
    check_arguments(registry.masks, generator, arguments["generator"])
    maker = registry.masks.create(generator, **arguments["generator"])
    rows: list[Row] = []
    with IsolatedReader(reader, made_with) as source:
        jobs = generate.plan(source, input_dir=dataset_dir, output_dir=output)
        try:
            for job in track(jobs, f"{generator}:", console=Console(stderr=True)):
                rows.append(generate.run(job, source, maker))  # one by one: what was done stays if one raises
        finally:
            generate.write_table(rows, output / "masks.csv")
    print(summary(rows, output / "masks.csv"), file=sys.stderr)
    if any(row.status == "failed" for row in rows):
        raise typer.Exit(SOME_FAILED)


def summary(rows: list[Row], table: Path) -> str:
    """One sentence that counts what became of the images."""
    count = {status: sum(row.status == status for row in rows) for status in ("ok", "empty", "failed")}
    return (
        f"{counted(len(rows), 'image')}: {counted(count['ok'], 'mask')}, "
        f"{counted(count['empty'], 'empty mask')}, {count['failed']} failed; see {table}"
    )


def _by_plugin(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """``{"reader#views": [...]}`` -> ``{"reader": {"views": [...]}, "generator": {}}``."""
    arguments: dict[str, dict[str, Any]] = {"reader": {}, "generator": {}}
    for key, value in settings.items():
        plugin, _, name = key.partition("#")
        if plugin not in arguments or not name:
            raise ConfigError(f"--set {key}: begin with reader# or generator#, as in reader#views.")
        arguments[plugin][name] = value
    return arguments
