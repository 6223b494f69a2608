"""A run and the evaluation of its test images on one page."""

import pytest

from cxrtk.report.document import Card, Count, Document, Section, Table
from cxrtk.report.run_evaluated import with_evaluation
from cxrtk.report.words import Fact

TABLES = [Table("test", "Test images together", [], []), Table("test_images", "Each test image", [], [])]
RUN = Document(
    "Run a",
    "A network.",
    notices=["No loss.", "Generated masks."],
    counts=[Count("3", "epochs"), Count("0.7", "Dice, validation"), Count("0.6", "Dice, test")],
    made={"Method": [Fact("Command", "train")]},
    sections=[Section("training", "Training"), Section("test", "Test", ["By itself."], ["figure"], TABLES)],
    meanings=[Fact("Dice", "Of the run"), Fact("Loss", "Small")],
)
EVALUATION = Document(
    "a on b",
    "3 images.",
    notices=["Generated masks.", "One image left out."],
    counts=[Count("3", "images"), Count("0.65", "mean Dice")],
    made={
        "Method": [Fact("Kind", "model")],
        "Ground truth": [Fact("Truth", "human masks")],
        "Versions": [Fact("torch", "1")],
    },
    sections=[Section("results", "Results"), Section("figures", "Figures")],
    cards=[Card("image-1", "x.png", "none", "", {}, [], None)],
    meanings=[Fact("Dice", "Of the evaluation"), Fact("hd95", "Far")],
)


@pytest.fixture(scope="module")
def both():
    return with_evaluation(RUN, EVALUATION)


def test_the_run_comes_first(both):
    """Then the evaluation, under a heading that says what it is of."""
    assert both.title == "Run a" and both.lead == "A network."
    assert [each.heading for each in both.sections] == [
        "Training", "Test", "Evaluation of the test images", "Figures",
    ]  # fmt: skip
    assert both.cards == EVALUATION.cards


def test_no_number_of_an_image_stands_twice(both):
    """The run's own test keeps its means, which are of masks without post-processing, and says so."""
    test = both.sections[1]
    assert test.text == ["By itself."] and test.tables == TABLES[:1] and not test.figures
    assert [each.label for each in both.counts] == [
        "epochs", "Dice, validation", "images, test", "mean Dice, test",
    ]  # fmt: skip


def test_nothing_is_said_twice(both):
    """Notices of both, and the meanings of a term once, the run's."""
    assert both.notices == ["No loss.", "Generated masks.", "One image left out."]
    assert {fact.term: fact.value for fact in both.meanings} == {
        "Dice": "Of the run", "Loss": "Small", "hd95": "Far",
    }  # fmt: skip


def test_how_it_was_evaluated_is_told(both):
    """Beside how the run was made."""
    assert both.made["Method"] == RUN.made["Method"]
    assert [fact.term for fact in both.made["Evaluation"]] == ["Kind", "Truth"]
