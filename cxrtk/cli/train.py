"""`cxrtk train`: linting of a bundle, then training as by ``python -m monai.bundle run``."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.settings import parse_several

USAGE = 2
TRACKERS = ("mlflow", "wandb")  # overlays and extras of these names


def train(
    bundle: Annotated[
        list[str] | None,
        typer.Argument(
            help="Config files, or names that `cxrtk bundles` lists; later ones override earlier ones."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="ID=VALUE",
            help="Set one id of the config; repeatable. Several comma-separated values give one run each.",
        ),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Train this many folds of a cross-validation, one after another."),
    ] = None,
    resume_from: Annotated[
        str,
        typer.Option("--resume-from", metavar="RUN", help="Resume this run, or the latest one."),
    ] = "",
    allow_code: Annotated[
        bool,
        typer.Option(
            "--allow-code", help="Run targets and expressions that are not on the list of allowed ones."
        ),
    ] = False,
    quiet: shared.Quiet = False,
) -> None:
    """Train a bundle: check its config, then run it; every error gives one line and an exit code.

    cxrtk train unet_cxr --set dataset_dir=DIR --set max_epochs=40

    cxrtk train --resume-from latest

    cxrtk train unet_cxr --set dataset_dir=DIR --folds 5

    cxrtk train unet_cxr --set dataset_dir=DIR --set learning_rate=1e-3,3e-4

    The last two train several runs below one folder. Repeating the command continues where they stopped. They
    end with a table: the folds with mean and spread, or that of `cxrtk runs --compare`. A list in brackets
    is one value, and so is a string in quotation marks.

    Exit codes: 0 done; 1 an internal error; 2 config, data, lock or disk; 3 done, inputs skipped; 4 a loss or
    metric is not finite; 5 no good checkpoint; 130 and 143 stopped by Ctrl-C or SIGTERM.
    """
    from cxrtk.process.failures import report
    from cxrtk.process.signals import guard_signals
    from cxrtk.training.runs import LATEST, run_to_resume

    guard_signals()
    if not (quiet or logging.getLogger("cxrtk").isEnabledFor(logging.DEBUG)):
        logging.getLogger("cxrtk").setLevel(logging.INFO)  # show the progress of training
    values = parse_several(settings or [])
    bundle = [*(bundle or []), *_tracking(values)]
    several = any(len(each) > 1 for each in values.values())
    if folds is not None or several:
        _refuse_together(folds, resume_from, several=several)
        code = _train_several(bundle, values, folds, allow_code=allow_code, quiet=quiet)
        raise typer.Exit(code)
    overrides = {id: each[0] for id, each in values.items()}
    files = config_files(bundle, resume_from)
    if bundle and resume_from not in ("", LATEST):  # before anything is read or drawn for it
        run_to_resume(Path(str(overrides.get("output_dir", "runs"))), "any config", resume_from)
    if resume_from:
        overrides["resume_from"] = str(files[0].parent) if not bundle else resume_from
    _require_lint(files, overrides, allow_code=allow_code)
    try:
        run(files, overrides)
    except Exception as error:  # the only place that converts any error to a line and an exit code
        raise typer.Exit(report(error)) from error


def _tracking(values: dict[str, list[Any]]) -> list[str]:
    """Take ``tracking`` out of the settings; return the overlay that it stands for.

    Raises:
        ConfigError: It is none of those that ship, or its package is not installed.
    """
    from cxrtk.errors import ConfigError
    from cxrtk.training.tracking import require_package

    named = values.pop("tracking", [])
    for name in named:
        if name not in TRACKERS:
            raise ConfigError(f"--set tracking={name}: choose one of {', '.join(TRACKERS)}.")
        require_package(str(name))
    return [str(name) for name in named]


def _require_lint(files: list[Path], overrides: dict[str, Any], *, allow_code: bool) -> None:
    """Print what is wrong with a config, and exit with code 2 if there is anything."""
    from cxrtk.bundles.lint import lint

    issues = lint(files, overrides, allow_code=allow_code)
    if issues:
        for issue in issues:
            print(f"cxrtk: error: {issue}", file=sys.stderr)
        raise typer.Exit(USAGE)


def _refuse_together(folds: int | None, resume_from: str, *, several: bool) -> None:
    """Refuse options that do not go together with several runs."""
    from cxrtk.errors import ConfigError

    if resume_from:
        raise ConfigError("Leave out --resume-from: the same command continues with its folds or values.")
    if folds is not None and several:
        raise ConfigError(
            "Give one value of each setting with --folds; for another value use the command again, with "
            "--set run_name=NAME for its folder."
        )
    if os.environ.get("WORLD_SIZE", "1") not in ("", "1"):
        raise ConfigError("torchrun trains one run: leave out --folds, and give one value of each setting.")


def _train_several(
    bundle: list[str], values: dict[str, list[Any]], folds: int | None, *, allow_code: bool, quiet: bool
) -> int:
    """Train folds or a sweep; return the exit code."""
    from cxrtk.cli.series import show_folds, show_sweep, train_all
    from cxrtk.training.series import folder_of, merged, plan_folds, plan_sweep

    files = config_files(bundle, "")
    plan = (
        plan_sweep(values)
        if folds is None
        else plan_folds({id: each[0] for id, each in values.items()}, folds)
    )
    for each in plan:
        _require_lint(files, dict(each.settings), allow_code=allow_code)
    kind = "sweep" if folds is None else f"{folds}-folds"
    folder = folder_of(merged(files, plan[0].settings), kind)
    code = train_all(files, plan, folder, lambda settings: run(files, dict(settings)))
    if not quiet:
        (show_sweep if folds is None else show_folds)(folder, plan)
    return code


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
