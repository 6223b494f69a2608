"""The Typer application: all verbs, and the options before a verb."""

from __future__ import annotations

import functools
import logging
from typing import Annotated, Any

import typer

from cxrtk import __version__
from cxrtk.cli import (
    apply,
    assemble,
    bench,
    bundles,
    calibrate,
    check,
    convert,
    evaluate,
    explain,
    export,
    findings,
    inspect,
    lint,
    masks,
    merge,
    models,
    new,
    phantom,
    plugins,
    report,
    runs,
    segment,
    train,
    weights,
)
from cxrtk.cli.once import OnceCommand
from cxrtk.process import address_space

app = typer.Typer(
    help="Chest X-ray lung segmentation on MONAI, made of plugins.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
VERBS = (
    plugins.plugins,
    new.new,
    check.check,
    masks.masks,
    bundles.bundles,
    inspect.inspect,
    convert.convert,
    assemble.assemble,
    lint.lint,
    train.train,
    runs.runs,
    calibrate.calibrate,
    segment.segment,
    apply.apply,
    merge.merge,
    export.export,
    models.models,
    phantom.phantom,
    report.report,
    evaluate.evaluate,
    explain.explain,
    bench.bench,
    findings.findings,
    weights.weights,
)
WITHOUT_TORCH = ("new", "bundles", "inspect", "convert", "assemble", "lint", "runs", "phantom")
TORCH_BYTES = 1_300_000_000  # of address space; with less, the import of torch fails or hangs
for verb in VERBS:
    app.command(verb.__name__, cls=OnceCommand)(verb)


@functools.cache
def parser() -> Any:
    """Build the parser of all verbs, once in a process: this takes longer than to parse a command."""
    return typer.main.get_command(app)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cxrtk {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Log every step, and where an error began.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Set up the log, which goes to stderr, and look whether there is room to work in."""
    logging.basicConfig(format="cxrtk: %(levelname)s: %(message)s", level=logging.WARNING)
    logging.getLogger("cxrtk").setLevel(logging.DEBUG if verbose else logging.WARNING)
    if context.invoked_subcommand not in WITHOUT_TORCH:
        address_space.require(TORCH_BYTES, f"cxrtk {context.invoked_subcommand}")
