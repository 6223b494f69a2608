"""`cxrtk train`: linting of a bundle, then training as by ``python -m monai.bundle run``."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.settings import parse_settings

USAGE = 2


def train(
    bundle: Annotated[
        list[str] | None,
        typer.Argument(help="Config files, or names that `cxrtk bundles` lists; later ones are laid over."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ID=VALUE", help="Set one id of the config; repeatable."),
    ] = None,
    resume_from: Annotated[
        str,
        typer.Option("--resume-from", metavar="RUN", help="Go on with this run, or with the latest."),
    ] = "",
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Run targets and expressions outside of the allowed ones.")
    ] = False,
    quiet: shared.Quiet = False,
) -> None:
    """Train a bundle: lint it, then run it; every error is one line with an exit code.

    cxrtk train unet_cxr --set dataset_dir=DIR --set max_epochs=40

    cxrtk train --resume-from latest

    Exit codes: 0 done; 1 a fault of ours; 2 config, data, lock or disk; 3 done, inputs skipped; 4 a loss or
    metric is not finite; 5 no good checkpoint; 130 and 143 stopped by Ctrl-C or SIGTERM.
    """
    from cxrtk.bundles.lint import lint
    from cxrtk.process.failures import report
    from cxrtk.process.signals import guard_signals
    from cxrtk.training.runs import LATEST, run_to_resume

    guard_signals()
    if not (quiet or logging.getLogger("cxrtk").isEnabledFor(logging.DEBUG)):
        logging.getLogger("cxrtk").setLevel(logging.INFO)  # show the progress of training
    overrides = parse_settings(settings or [])
    files = config_files(bundle or [], resume_from)
    if bundle and resume_from not in ("", LATEST):  # before anything is read or drawn for it
        run_to_resume(Path(str(overrides.get("output_dir", "runs"))), "any config", resume_from)
    if resume_from:
        overrides["resume_from"] = str(files[0].parent) if not bundle else resume_from
    issues = lint(files, overrides, allow_code=allow_code)
    if issues:
        for issue in issues:
            print(f"cxrtk: error: {issue}", file=sys.stderr)
        raise typer.Exit(USAGE)
    try:
        run(files, overrides)
    except Exception as error:  # the only place that converts any error to a line and an exit code
        raise typer.Exit(report(error)) from error


def config_files(bundle: list[str], resume_from: str) -> list[Path]:
    """Config files to run: those given, or the config of the run to resume.

    Raises:
        ConfigError: Neither is given, or a file is missing.
    """
    from cxrtk.bundles import find
    from cxrtk.errors import ConfigError
    from cxrtk.training.runs import CONFIG, latest_run, run_to_resume

    if not bundle and resume_from:
        folder = latest_run(Path("runs")) if resume_from == "latest" else None
        folder = folder or run_to_resume(Path("runs"), "any config", resume_from)
        if not (folder / CONFIG).is_file():
            raise ConfigError(f"{folder}: has no {CONFIG}; name the bundle that it was made with.")
        return [folder / CONFIG]
    if not bundle:
        raise ConfigError("Name a bundle to train, as in: cxrtk train unet_cxr.")
    return [find(name) for name in bundle]


def run(files: list[Path], overrides: dict[str, Any]) -> None:
    """Run the configs as ``python -m monai.bundle run --config_file "[...]" --id value ...`` does."""
    from monai.bundle.scripts import run as run_bundle

    from cxrtk.bundles import folder

    if not logging.getLogger("cxrtk").isEnabledFor(logging.DEBUG):
        for module in ("scripts", "workflows"):  # which repeat the command line
            logging.getLogger(f"monai.bundle.{module}").setLevel(logging.WARNING)
        # The config was looked over by lint, and docs/lint.md says what that is worth.
        warnings.filterwarnings("ignore", "parsing config_file", UserWarning)
    run_bundle(
        config_file=[str(file) for file in files],
        meta_file=str(beside(files, "metadata.json", folder())),
        logging_file=str(beside(files, "logging.conf", folder())),
        **overrides,
    )


def beside(files: list[Path], name: str, shipped: Path) -> Path:
    """File of this name beside the first config, or else the shipped one."""
    own = files[0].parent / name
    return own if own.is_file() else shipped / name
