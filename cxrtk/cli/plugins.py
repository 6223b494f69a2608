"""`cxrtk plugins`: which plugins there are, where from, and whether they can be used."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

import typer

from cxrtk.cli.kinds import Kind
from cxrtk.cli.tables import print_json, print_table
from cxrtk.discovery import KINDS


def plugins(
    kind: Annotated[Kind | None, typer.Option(help="List this kind only.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List every plugin: kind, name, origin, state. Imports them all; exit code 1 if any is broken."""
    with contextlib.redirect_stdout(sys.stderr):  # what a plugin prints while it is imported
        rows = [row for each in KINDS if kind is None or each == kind.value for row in rows_of(each)]
    if json:
        print_json(rows)
    else:
        print_table(rows, ("kind", "name", "origin", "state"))
    if any(row["state"] != "ok" for row in rows):
        raise typer.Exit(1)


def rows_of(kind: str) -> list[dict[str, str]]:
    """A row for each file of a kind, so that files with one name have a row each."""
    from cxrtk.registry import registries

    broken = registries[kind].broken()
    return [
        {
            "kind": kind,
            "name": source.name,
            "origin": source.origin,
            "file": str(source.file),
            "state": " ".join(str(broken[source.name]).split()) if source.name in broken else "ok",
        }
        for source in registries[kind].sources()
    ]
