"""Output formats of a document: one HTML page, Markdown with figures, CSV."""

from __future__ import annotations

from pathlib import Path

from cxrtk import __version__
from cxrtk.data.atomic import replacing
from cxrtk.data.table import write_lines
from cxrtk.report import markdown
from cxrtk.report.data_uri import data_uri
from cxrtk.report.document import Document, Table
from cxrtk.report.page import render

FORMATS = ("html", "md", "csv")


def html(document: Document) -> str:
    """Render the document as a self-contained page."""
    return render(
        "document.html",
        {
            "document": document,
            "title": document.title,
            "version": __version__,
            "notices": document.notices,
            "styles": document.styles,
            "svg": lambda figure: data_uri(figure.svg, "image/svg+xml"),
        },
    )


def write(document: Document, target: Path, formats: tuple[str, ...]) -> list[Path]:
    """Write the document in the requested formats; each file is written completely or not at all.

    Args:
        document: Document to write.
        target: Path of the page; other files are named after it: ``report.md`` with ``report_figures/``,
            ``report_summary.csv``.
        formats: Formats, a subset of `FORMATS`.

    Returns:
        Paths of the files, with the figures of the Markdown last.
    """
    written = []
    if "html" in formats:
        written.append(_text(target.with_suffix(".html") if len(formats) > 1 else target, html(document)))
    if "csv" in formats:
        written += [_csv(table, beside(target, f"{table.name}.csv")) for table in document.tables]
    if "md" in formats:
        folder = beside(target, "figures")
        written.append(_text(target.with_suffix(".md"), markdown.markdown(document, folder.name)))
        written += write_figures(document, folder)
    return written


def beside(target: Path, name: str) -> Path:
    """Derive a path beside the page: ``a/report.html`` and ``summary.csv`` -> ``a/report_summary.csv``."""
    return target.with_name(f"{target.stem}_{name}")


def write_figures(document: Document, folder: Path) -> list[Path]:
    """Write each figure as SVG and PNG."""
    written = []
    for figure in document.figures:
        for ending, content in (("svg", figure.svg), ("png", figure.png)):
            path = folder / f"{figure.name}.{ending}"
            with replacing(path) as part:
                part.write_bytes(content)
            written.append(path)
    return written


def _text(path: Path, text: str) -> Path:
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return path


def _csv(table: Table, path: Path) -> Path:
    """Write a table as CSV, with unrounded numbers."""
    lines = (
        [
            cell.value if column.numeric else cell.text
            for column, cell in zip(table.columns, row.cells, strict=True)
        ]
        for row in table.rows
    )
    return write_lines(path, [column.label for column in table.columns], lines)
