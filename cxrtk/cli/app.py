"""The Typer application: its verbs, each imported when it is needed, and the options before a verb."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from cxrtk import __version__
from cxrtk.cli.everywhere import Verbose, show_all, with_verbose
from cxrtk.cli.once import OnceCommand
from cxrtk.cli.verbs import LINES, VERBS, GroupedVerbs
from cxrtk.process import address_space

WITHOUT_TORCH = (
    *("new", "bundles", "inspect", "convert", "assemble", "lint", "runs", "phantom", "models", "doctor"),
)
TORCH_BYTES = 1_300_000_000  # of address space; with less, the import of torch fails or hangs


@functools.cache
def parser(verb: str = "") -> Any:
    """Build the parser, once in a process: this takes longer than to parse a command.

    Args:
        verb: The only verb that it needs to know, which saves the import of the others; empty for all.
    """
    return typer.main.get_command(_application((verb,) if verb else VERBS))


def _application(verbs: Sequence[str]) -> typer.Typer:
    """Make an application with some verbs, each the function of the module of its name."""
    made = typer.Typer(
        cls=GroupedVerbs,
        help="Chest X-ray lung segmentation on MONAI, made of plugins.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(options)
    for verb in verbs:
        module = import_module(f"cxrtk.cli.{verb}")
        made.command(verb, cls=OnceCommand, short_help=LINES[verb])(with_verbose(getattr(module, verb)))
    return made


def __getattr__(name: str) -> Any:
    """Make `app`, the application with all verbs, when it is asked for."""
    if name == "app":
        return _application(VERBS)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cxrtk {__version__}")
        raise typer.Exit


def options(
    context: typer.Context,
    verbose: Verbose = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Set up the log, which goes to stderr, and look whether there is room to work in."""
    logging.basicConfig(format="cxrtk: %(levelname)s: %(message)s", level=logging.WARNING)
    logging.getLogger("cxrtk").setLevel(logging.WARNING)
    if verbose:
        show_all()
    if context.invoked_subcommand not in WITHOUT_TORCH:
        address_space.require(TORCH_BYTES, f"cxrtk {context.invoked_subcommand}")
