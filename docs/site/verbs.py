"""Hook of the site: `reference/verbs.md`, every verb with its options, made from the parser itself."""

from __future__ import annotations

import html
import re
from typing import Any

from mkdocs.structure.files import File, Files

PAGE = "reference/verbs.md"
HEAD = """# All commands and options

This page is generated from the parser and shows what `cxrtk VERB --help` prints.
[The command line](../cli.md) describes what the verbs have in common,
and [reliability of training](../reliability.md#exit-codes) the exit codes.
"""


def on_files(files: Files, config: Any) -> Files:
    """Add the page."""
    from cxrtk.cli.app import parser
    from cxrtk.cli.verbs import GROUPS

    application = parser()
    parts = [HEAD]
    for title, lines in GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_verb(application.commands[verb], verb) for verb in lines]
    files.append(File.generated(config, PAGE, content="\n".join(parts)))
    return files


def _verb(command: Any, name: str) -> str:
    """Return the section of a verb: how it is called, what it does, its arguments and options."""
    with command.make_context(f"cxrtk {name}", [], resilient_parsing=True) as context:
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        records = [
            record
            for each in command.get_params(context)
            if (record := each.get_help_record(context)) is not None
        ]
    rows = [f"| {_code(left)} | {_cell(right)} |" for left, right in records]
    table = ["| | |", "| --- | --- |", *rows]
    return "\n".join([f"### {name}", "", "```", usage, "```", "", _prose(command.help or ""), "", *table, ""])


def _prose(text: str) -> str:
    """Return a help text as Markdown; paragraphs that are commands stand between fences."""
    parts = []
    for block in re.split(r"\n\s*\n", text.replace("\b", "").strip()):
        if all(line.lstrip().startswith("cxrtk ") for line in block.splitlines()):
            parts.append("```\n" + "\n".join(line.strip() for line in block.splitlines()) + "\n```")
        else:
            parts.append(_escaped(block))
    return "\n\n".join(parts)


def _escaped(text: str) -> str:
    """Return a text whose signs mean nothing in Markdown, but for code between backticks."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([*_\[\]|])", r"\\\1", html.escape(piece, quote=False))
        for piece in pieces
    )


def _cell(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _code(text: str) -> str:
    return f"`{' '.join(text.split())}`"
