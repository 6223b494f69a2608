"""Section of a page that compares its images with another batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxrtk.report import drift_tables
from cxrtk.report.document import Table
from cxrtk.report.drift import shifts
from cxrtk.report.entries import Entry
from cxrtk.report.measured import Measured
from cxrtk.report.words import printable


@dataclass(frozen=True)
class Batches:
    """Two batches: the images of the page, and those of another folder.

    Attributes:
        name: Name of the other folder.
        measures: Measures to compare.
        here: Entries of the page.
        there: Entries of the other folder.
    """

    name: str
    measures: Sequence[Measured]
    here: Sequence[Entry]
    there: Sequence[Entry]


@dataclass(frozen=True)
class Compared:
    """The comparison, in tables and words.

    Attributes:
        name: Name of the other folder.
        lead: Sizes of both batches.
        notices: Reasons why the batches are not comparable.
        tables: Tables of measures and of shares.
        can: Conclusions that the tests allow, in one or two sentences each.
        cannot: Conclusions that the tests do not allow.
    """

    name: str
    lead: str
    notices: Sequence[str]
    tables: Sequence[Table]
    can: Sequence[str]
    cannot: Sequence[str]


def compared(batches: Batches) -> Compared:
    """Compare two batches of at least two images each."""
    name = printable(batches.name)
    both = batches.here, batches.there
    return Compared(
        name,
        f"“Here” are the {len(both[0]):,} images of this page, “there” the {len(both[1]):,} of {name}.",
        drift_tables.notices(name, *both),
        [drift_tables.measures_table(shifts(batches.measures, *both)), drift_tables.shares_table(*both)],
        drift_tables.CAN,
        drift_tables.CANNOT,
    )
