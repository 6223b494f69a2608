"""Tables: whole, readable by csv, and harmless in a spreadsheet."""

import csv

import pytest

from cxrtk.data.table import write_table


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_columns_are_those_of_all_rows(tmp_path):
    """In the order in which they first came; what a row lacks is blank."""
    rows = [{"a": 1, "b": None}, {"b": 2.5, "c": 'x,"y"\nz'}]
    assert read(write_table(tmp_path / "t.csv", rows)) == [
        ["a", "b", "c"],
        ["1", "", ""],
        ["", "2.5", 'x,"y"\nz'],
    ]


def test_columns_can_be_named(tmp_path):
    """Others are left out, and the rows are gone through once."""
    rows = iter([{"a": 1, "b": 2}])
    assert read(write_table(tmp_path / "t.csv", rows, ["b"])) == [["b"], ["2"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_text_never_begins_a_formula(tmp_path, text):
    """But numbers stay numbers."""
    (_, (found, number)) = read(write_table(tmp_path / "t.csv", [{"text": text, "number": -1}]))
    assert found == f"'{text}" and number == "-1"


def test_a_carriage_return_breaks_no_row(tmp_path):
    """It is written as two signs."""
    assert read(write_table(tmp_path / "t.csv", [{"name": "a\rb", "n": 1}]))[1] == ["a\\rb", "1"]


def test_names_that_are_no_utf8(tmp_path):
    """The table stays UTF-8."""
    path = write_table(tmp_path / "t.csv", [{"name": "caf\udce9"}])
    assert path.read_text(encoding="utf-8") == "name\ncaf\\udce9\n"


def test_lists_are_written_with_spaces(tmp_path):
    """As the spacing of an image."""
    assert read(write_table(tmp_path / "t.csv", [{"mm": [0.5, 0.4]}]))[1] == ["0.5 0.4"]


def test_an_error_in_a_row_leaves_no_table(tmp_path):
    """Whole or not there."""

    def rows():
        yield {"a": 1}
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError):
        write_table(tmp_path / "t.csv", rows(), ["a"])
    assert list(tmp_path.iterdir()) == []
