"""Rendering of a document as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxrtk.report.document import Document, Section, Table

# Characters that Markdown could interpret as markup; names of files and columns are untrusted text.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")


def markdown(document: Document, figures: str) -> str:
    """Render a document as Markdown.

    Args:
        document: Document to render.
        figures: Folder of the PNG files, relative to the Markdown file.
    """
    parts = [f"# {escaped(document.title)}", escaped(document.lead)]
    parts += [f"> {escaped(notice)}" for notice in document.notices]
    if document.counts:
        parts.append(
            "\n".join(f"- {escaped(each.label)}: {escaped(each.number)}" for each in document.counts)
        )
    for heading, facts in document.made.items():
        parts.append(f"## {escaped(heading)}")
        parts.append("\n".join(f"- {escaped(fact.term)}: {escaped(fact.value)}" for fact in facts))
    parts += [part for section in document.sections for part in _section(section, figures)]
    if document.meanings:
        parts.append("## Definitions")
        parts.append(
            "\n".join(f"- {escaped(fact.term)}: {escaped(fact.value)}" for fact in document.meanings)
        )
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    r"""Escape text for Markdown, on one line.

    >>> print(escaped("a_b <script>"))
    a\_b \<script\>
    """
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _section(section: Section, figures: str) -> list[str]:
    parts = [f"## {escaped(section.heading)}", *map(escaped, section.text)]
    for figure in section.figures:
        parts.append(f"![{escaped(figure.title)}]({figures}/{figure.name}.png)")
        parts.append(escaped(figure.says))
    for table in section.tables:
        parts += [
            f"### {escaped(table.caption)}",
            *([escaped(table.note)] if table.note else []),
            _table(table),
        ]
    return parts


def _table(table: Table) -> str:
    head = _line([column.label for column in table.columns])
    rule = "| " + " | ".join("---:" if column.numeric else "---" for column in table.columns) + " |"
    return "\n".join([head, rule, *(_line([cell.text for cell in row.cells]) for row in table.rows)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"
