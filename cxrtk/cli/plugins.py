"""`cxrtk plugins`: the available plugins, their origin and file; with ``--check``, their state."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli.kinds import Kind
from cxrtk.cli.tables import print_json, print_table
from cxrtk.discovery import KINDS, Source, find

DATASET = "DATASET"
FACTS = ("title", "home", "licence", "terms", "citation")


def plugins(
    kind: Annotated[Kind | None, typer.Option(help="List this kind only.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    long: Annotated[
        bool,
        typer.Option("--long", help="Also show the data set of a reader: home, licence, terms, citation."),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Import all of them, which runs their code, and report those that are broken."
        ),
    ] = False,
) -> None:
    """List every plugin: kind, name, origin, file. --check imports them; exit code 1 if one is broken."""
    listed = checked if check else found
    with contextlib.redirect_stdout(sys.stderr):  # redirects what a plugin prints while it is imported
        rows = [row for each in KINDS if kind is None or each == kind.value for row in listed(each)]
    if long:
        rows = [row | facts_of(row) for row in rows]
    if json:
        print_json(rows)
    elif long:
        print("\n\n".join("\n".join(_paragraph(row)) for row in rows))
    else:
        print_table(rows, ("kind", "name", "origin", "state" if check else "file"))
    if any(row.get("state", "ok") != "ok" for row in rows):
        raise typer.Exit(1)


def found(kind: str) -> list[dict[str, str]]:
    """One row per file of a kind, without importing anything of a plugin or its package."""
    return [_row(kind, source) for source in sorted(find(kind, import_parents=False))]


def checked(kind: str) -> list[dict[str, str]]:
    """One row per file of a kind, with its state; imports all of them."""
    from cxrtk.registry import registries

    broken = registries[kind].broken()
    return [
        _row(kind, source)
        | {"state": " ".join(str(broken[source.name]).split()) if source.name in broken else "ok"}
        for source in registries[kind].sources()
    ]


def _row(kind: str, source: Source) -> dict[str, str]:
    return {"kind": kind, "name": source.name, "origin": source.origin, "file": str(source.file)}


def facts_of(row: Mapping[str, str]) -> dict[str, str]:
    """Facts about the data set of a plugin: a text for each of `FACTS`, empty if it states none.

    The file is parsed, not imported: ``DATASET = {...}`` at its top level must contain texts only. Otherwise
    the ``state`` says so, unless it says something else already.
    """
    try:
        facts = read_facts(Path(row["file"]))
    except (OSError, ValueError, SyntaxError) as error:
        state = {"state": f"{DATASET}: {error}"} if row.get("state", "ok") == "ok" else {}
        return dict.fromkeys(FACTS, "") | state
    return {fact: facts.get(fact, "") for fact in FACTS}


def read_facts(file: Path) -> dict[str, str]:
    """Read ``DATASET`` from the file of a plugin; empty if it has none.

    Raises:
        ValueError: ``DATASET`` is not a dict of texts with the keys `FACTS`.
        SyntaxError: The file is not valid Python.
        OSError: The file cannot be read.
    """
    for node in ast.parse(file.read_bytes()).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if not (isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name)):
            continue
        if target.id == DATASET and node.value is not None:
            facts = ast.literal_eval(node.value)
            if not isinstance(facts, dict) or set(facts) != set(FACTS):
                raise ValueError(f"must be a dict with the keys {', '.join(FACTS)}")
            if not all(isinstance(text, str) for text in facts.values()):
                raise ValueError("must hold texts only")
            return facts
    return {}


def _paragraph(row: Mapping[str, str]) -> Iterator[str]:
    """Format a plugin, with one line for each known fact."""
    yield f"{row['kind']} {row['name']} ({row['origin']}): {row.get('state', row['file'])}"
    for fact in FACTS:
        if row[fact]:
            yield f"  {fact}: {' '.join(row[fact].split())}"
