"""The verbs put together, and the options that come before a verb."""

from __future__ import annotations

import logging
from typing import Annotated

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

app = typer.Typer(
    help="Chest X-ray lung segmentation on MONAI, made of plugins.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("plugins")(plugins.plugins)
app.command("new")(new.new)
app.command("check")(check.check)
app.command("masks")(masks.masks)
app.command("bundles")(bundles.bundles)
app.command("inspect")(inspect.inspect)
app.command("convert")(convert.convert)
app.command("assemble")(assemble.assemble)
app.command("lint")(lint.lint)
app.command("train")(train.train)
app.command("runs")(runs.runs)
app.command("calibrate")(calibrate.calibrate)
app.command("segment")(segment.segment)
app.command("apply")(apply.apply)
app.command("export")(export.export)
app.command("models")(models.models)
app.command("phantom")(phantom.phantom)
app.command("report")(report.report)
app.command("evaluate")(evaluate.evaluate)
app.command("explain")(explain.explain)
app.command("bench")(bench.bench)
app.command("findings")(findings.findings)
app.command("weights")(weights.weights)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cxrtk {__version__}")
        raise typer.Exit


@app.callback()
def options(
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Log every step, and where an error began.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Set up the log, which goes to stderr."""
    logging.basicConfig(format="cxrtk: %(levelname)s: %(message)s", level=logging.WARNING)
    logging.getLogger("cxrtk").setLevel(logging.DEBUG if verbose else logging.WARNING)
