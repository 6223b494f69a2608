"""What a page of numbers holds, apart from how it is written: as HTML, Markdown or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxrtk.report.figures.canvas import Drawn
from cxrtk.report.pictures import LayerStyle, Picture
from cxrtk.report.table import Column, Row
from cxrtk.report.words import Fact


@dataclass(frozen=True)
class Table:
    """Rows under headings.

    Attributes:
        name: Of its CSV file, as ``summary``.
        caption: In words.
        columns: The headings.
        rows: The lines.
        note: What a reader of it must know.
        folded: Whether the page shows it only when asked to.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, in this order."""

    id: str
    heading: str
    text: Sequence[str] = ()
    figures: Sequence[Drawn] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Count:
    """A number that stands out, with what it is."""

    number: str
    label: str
    meaning: str = ""


@dataclass(frozen=True)
class Card:
    """One image on the page.

    Attributes:
        id: Of the element, which a table's row opens.
        name: Of the image.
        flag: One of the icons: ``failed``, ``review`` or ``none``.
        label: Of the flag, in words.
        numbers: What the cards are sorted by, key -> number; keys are those of `Document.sorts`.
        facts: Beside the picture.
        picture: ``None`` where there is none.
        notes: A sentence each.
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
    """A page.

    Attributes:
        title: Of the page.
        lead: One sentence: what was measured on what, against what.
        notices: What a reader must know before the numbers.
        counts: The few numbers at the top.
        made: Heading -> what was run, on what, by which versions.
        sections: In order; the images stand after them.
        cards: The images, those that want a look first; may be empty.
        flags: Flag -> its label, of those that cards have.
        sorts: Key -> label of what cards can be sorted by, besides their order and name.
        styles: Layers of the pictures.
        meanings: At the foot: what the numbers mean.
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
