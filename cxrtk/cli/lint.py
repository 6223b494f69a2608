"""`cxrtk lint`: static analysis of a bundle config, without running any of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli.settings import parse_settings
from cxrtk.cli.tables import print_json
from cxrtk.wording import counted


def lint(
    bundle: Annotated[
        list[str],
        typer.Argument(
            help="Config files, or names that `cxrtk bundles` lists; later ones override earlier ones."
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ID=VALUE", help="Set one id of the config; repeatable."),
    ] = None,
    allow_code: Annotated[
        bool,
        typer.Option(
            "--allow-code", help="Accept targets and expressions that are not on the list of allowed ones."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a bundle config for mistakes without evaluating it.

    cxrtk lint unet_cxr human_masks --set max_epochs=40

    Exit codes: 0 no issues; 2 issues, one per line.
    """
    from cxrtk.bundles import lint as linter
    from cxrtk.bundles import shipped

    known = shipped()
    files = [known.get(name, Path(name)) for name in bundle]
    issues = linter.lint(files, parse_settings(settings or []), allow_code=allow_code)
    if json:
        print_json([asdict(issue) for issue in issues])
    else:
        for issue in issues:
            print(issue)
        if not issues:
            print(f"{counted(len(files), 'file')}, no issues")
    if issues:
        raise typer.Exit(2)
