"""A document as Markdown: strangers' text stays text, tables keep their columns."""

import pytest

from cxrtk.report.document import Count, Document, Section, Table
from cxrtk.report.figures.canvas import Drawn
from cxrtk.report.markdown import escaped, markdown
from cxrtk.report.table import Cell, Column, Row
from cxrtk.report.words import Fact


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain text, 1.5 (a)", "plain text, 1.5 (a)"),
        ("a_b*c", r"a\_b\*c"),
        ("<script>&amp;", r"\<script\>\&amp;"),
        ("[x](y) `z` # | ~ $ ! {q} \\", r"\[x\](y) \`z\` \# \| \~ \$ \! \{q\} \\"),
        ("two\nlines  and\tmore", "two lines and more"),
    ],
)
def test_text_stays_text(text, said):
    """In one line, which no markup begins."""
    assert escaped(text) == said


def document(**more) -> Document:
    return Document(title="A_title", lead="What it is.", **more)


def test_the_least():
    """A title and a sentence."""
    assert markdown(document(), "f") == "# A\\_title\n\nWhat it is.\n"


def test_every_part_has_its_place():
    """Notices, counts, how it was made, sections with figure and table, meanings, in this order."""
    columns = (Column("Image", numeric=False), Column("Dice"))
    table = Table("t", "Of each", columns, (Row((Cell("a|b.png"), Cell("0.90", 0.9))),), "Note.")
    figure = Drawn(name="roc", title="ROC *curve*", says="It rises.", svg=b"", png=b"")
    text = markdown(
        document(
            notices=("Beware.",),
            counts=(Count("3", "images"),),
            made={"Made": (Fact("by", "m_1"),)},
            sections=(Section("part", "Part", ("Words.",), (figure,), (table,)),),
            meanings=(Fact("Dice", "overlap"),),
        ),
        "r_figures",
    )
    expected = [
        "# A\\_title", "What it is.", "> Beware.", "- images: 3", "## Made", "- by: m\\_1", "## Part",
        "Words.",
        "![ROC \\*curve\\*](r_figures/roc.png)", "It rises.", "### Of each", "Note.",
        "| Image | Dice |\n| --- | ---: |\n| a\\|b.png | 0.90 |",
        "## Definitions", "- Dice: overlap",
    ]  # fmt: skip
    assert text == "\n\n".join(expected) + "\n"
