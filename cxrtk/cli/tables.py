"""Display of rows: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    """Print rows as a table; without a terminal its width is not limited."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text from files and errors may contain brackets, which are not markup.
        table.add_row(*(row[column].replace("[", r"\[") for column in columns))
    console = Console()
    if not console.is_terminal:
        console.width = 10_000
    console.print(table, highlight=False)


def print_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    """Print pairs of a label and a text, the texts aligned; a label that is repeated is printed once."""
    width = max((len(label) for label, _ in pairs), default=0)
    before = ""
    for label, text in pairs:
        print(f"{'' if label == before else label:<{width}}  {text}")
        before = label or before
