"""An evaluation as files, and back."""

import csv

import pytest

from cxrtk.errors import DataError
from cxrtk.evaluation.storage import read_evaluation, write_evaluation
from cxrtk.evaluation.table import Case, Evaluation, MetricAbout


def test_an_evaluation_survives_its_files(tmp_path):
    """The JSON file gives the same table."""
    case = Case(
        "a/b.png", "p1", "human", "excluded", (16, 24), {"dice": 0.1 + 0.2}, 7, 9, "test", "",
        (0.5, 2.0), "detector", "masks/a/b.png", {"age": "3"}, ("lossy", "rotated"),
    )  # fmt: skip
    bare = Case("c.png", "p2", "human", "excluded", (8, 8), {"dice": 0.0}, 0, 9, failure="empty prediction")
    table = Evaluation(
        (case, bare),
        {"dice": MetricAbout()},
        {"split": {"part": "test"}},
        ("Beware.",),
        (("d.png", "is cut"),),
    )
    write_evaluation(table, tmp_path / "e")
    assert read_evaluation(tmp_path / "e") == table
    with (tmp_path / "e" / "cases.csv").open(encoding="utf-8") as file:
        assert [row["flags"] for row in csv.DictReader(file)] == ["lossy rotated", ""]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}'])
def test_another_file_is_no_evaluation(tmp_path, text):
    """Says which file."""
    (tmp_path / "evaluation.json").write_text(text)
    with pytest.raises(DataError, match=r"evaluation\.json"):
        read_evaluation(tmp_path)


@pytest.mark.parametrize("name", ["=1+1.png", "caf\udce9.png"])
def test_any_file_name_survives(tmp_path, name):
    """Also one that is not UTF-8; a spreadsheet calculates nothing of it."""
    case = Case(name, "p1", "human", "excluded", (8, 8), {"dice": 0.5}, 7, 9)
    table = Evaluation((case,), {"dice": MetricAbout()}, {"split": {"part": "all"}}, (), ())
    write_evaluation(table, tmp_path)
    assert read_evaluation(tmp_path).cases[0].image == name
    shown = name.replace("=", "'=").replace("\udce9", "\\udce9")
    assert (tmp_path / "cases.csv").read_text(encoding="utf-8").splitlines()[1].startswith(f"{shown},p1,")
