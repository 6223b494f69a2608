"""The table of all radiographs."""

import csv

from cxrtk import writers
from cxrtk.testing import WriterContract

ROWS = [
    {
        "input": "a/ü.png",
        "status": "ok",
        "measures": {"area_px": {"heart": 9}, "spacing_mm": [0.5, 0.4], "cardiothoracic_ratio": None},
        "quality": {
            "flag": "review",
            "score": 0.5,
            "reasons": ["one", "two"],
            "organs": {"lungs": "review", "heart": "ok"},
        },
    },
    {"input": 'b,"c".png', "status": "failed", "measures": {}, "quality": {}},
]


class TestCsv(WriterContract):
    """The contract."""

    plugin = "csv"

    def test_files_begin_with_the_stem(self):
        """It has no file of one radiograph."""


def test_a_row_each(tmp_path):
    """As Python's csv module reads it; what is not there is blank."""
    (path,) = writers.create("csv").finish(tmp_path, ROWS)
    with path.open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "input": "a/ü.png",
        "status": "ok",
        "area_px_heart": "9",
        "spacing_mm": "0.5 0.4",
        "cardiothoracic_ratio": "",
        "quality_flag": "review",
        "quality_score": "0.5",
        "quality_reasons": "one; two",
        "quality_lungs": "review",
        "quality_heart": "ok",
        "flags": "",
    }
    assert second["input"] == 'b,"c".png' and second["area_px_heart"] == ""


def test_no_rows_are_a_table_too(tmp_path):
    """With nothing in it."""
    (path,) = writers.create("csv").finish(tmp_path, [])
    assert path.read_text() == "\n"
