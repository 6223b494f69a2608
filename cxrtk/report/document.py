"""Content of a report, independent of its format: HTML, Markdown or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxrtk.report.figures.canvas import Drawn
from cxrtk.report.pictures import LayerStyle, Picture
from cxrtk.report.table import Column, Row
from cxrtk.report.words import Fact


@dataclass(frozen=True)
class Table:
    """A table with column headings.

    Attributes:
        name: Name of its CSV file, such as ``summary``.
        caption: Caption of the table.
        columns: Column headings.
        rows: Rows of the table.
        note: Note on how to read the table.
        folded: Whether the page shows the table collapsed.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Section:
    """A heading with its text, figures and tables, in this order."""

    id: str
    heading: str
    text: Sequence[str] = ()
    figures: Sequence[Drawn] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Count:
    """A key number at the top of the page, with its label."""

    number: str
    label: str
    meaning: str = ""


@dataclass(frozen=True)
class Card:
    """Card of one image on the page.

    Attributes:
        id: HTML id of the card, by which a table row opens it.
        name: Name of the image.
        flag: Icon of the card: ``failed``, ``review`` or ``none``.
        label: Label of the flag.
        numbers: Values by which cards can be sorted; keys are those of `Document.sorts`.
        facts: Facts beside the picture.
        picture: Overlay of the image; ``None`` if there is none.
        notes: Notes, one sentence each.
    """

    id: str
    name: str
    flag: str
    label: str
    numbers: Mapping[str, float]
    facts: Sequence[Fact]
    picture: Picture | None
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """Content of one report.

    Attributes:
        title: Title of the page.
        lead: One sentence on what was evaluated, on which data and against which ground truth.
        notices: Notices shown before the numbers.
        counts: Key numbers at the top of the page.
        made: Provenance by heading: model, data and versions.
        sections: Sections in order; the images follow them.
        cards: Cards of the images, those that need review first; may be empty.
        flags: Labels of the flags that occur on cards.
        sorts: Labels of the keys by which cards can be sorted, besides order and name.
        styles: Layers of the overlays.
        meanings: Definitions of the numbers, at the foot of the page.
    """

    title: str
    lead: str
    notices: Sequence[str] = ()
    counts: Sequence[Count] = ()
    made: Mapping[str, Sequence[Fact]] = field(default_factory=dict)
    sections: Sequence[Section] = ()
    cards: Sequence[Card] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
    styles: Sequence[LayerStyle] = ()
    meanings: Sequence[Fact] = ()

    @property
    def figures(self) -> list[Drawn]:
        """All figures, in order."""
        return [figure for section in self.sections for figure in section.figures]

    @property
    def tables(self) -> list[Table]:
        """All tables, in order."""
        return [table for section in self.sections for table in section.tables]
