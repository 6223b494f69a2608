"""`cxrtk lint`: mistakes in a bundle config, found without running anything of it."""

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
        typer.Argument(help="Config files, or names that `cxrtk bundles` lists; later ones are laid over."),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ID=VALUE", help="Set one id of the config; repeatable."),
    ] = None,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Pass targets and expressions outside of the allowed ones.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for mistakes in a bundle config; evaluates nothing of it.

    cxrtk lint unet_cxr human_masks --set max_epochs=40

    Exit codes: 0 no findings; 2 findings, one a line.
    """
    from cxrtk.bundles import lint as linter
    from cxrtk.bundles import shipped

    known = shipped()
    files = [known.get(name, Path(name)) for name in bundle]
    findings = linter.lint(files, parse_settings(settings or []), allow_code=allow_code)
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print(finding)
        if not findings:
            print(f"{counted(len(files), 'file')}, no findings")
    if findings:
        raise typer.Exit(2)
