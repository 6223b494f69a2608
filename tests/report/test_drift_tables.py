"""Tables and sentences of the comparison of two batches."""

from cxrtk.report.drift import shifts
from cxrtk.report.drift_tables import measures_table, notices, shares_table
from cxrtk.report.entries import Entry
from cxrtk.report.measured import measured


def entry(name, ratio, **other):
    """An image with a ratio, whose heart is ok unless it is withheld."""
    measures = {"cardiothoracic_ratio": ratio, "spacing_mm": None}
    quality = {"flag": "ok", "organs": {"lungs": "ok", "heart": "ok"}}
    if ratio is None:
        measures["cardiothoracic_reason"] = "the heart may be wrong"
        quality["organs"]["heart"] = "review"
    return Entry(name, "ok", measures=measures, quality=quality, **other)


HERE = [entry(f"{place}", 0.5 + place / 100) for place in range(10)]
THERE = [*[entry(f"{place}", 0.6 + place / 100) for place in range(6)], *[entry("w", None)] * 4]


def rows(table):
    """Texts of the cells by the first."""
    return {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}


def test_the_table_of_measures():
    """Numbers, medians, D, delta and p: no value here reaches those there."""
    (cells,) = rows(measures_table(shifts(measured(in_mm=True), HERE, THERE))).values()
    assert cells[:6] == ["10", "6", "0.55", "0.62", "1.00", "-1.00"] and cells[6] == "< 0.001"


def test_the_table_of_shares():
    """Withheld ratios and the flags of the heart are seen in it; what no image has is left out."""
    found = rows(shares_table(HERE, THERE))
    assert found["Cardiothoracic ratio withheld"][:3] == ["0 of 10 (0%)", "4 of 10 (40%)", "-40 points"]
    assert found["Heart: Review"][1] == "4 of 10 (40%)" and "Flag: Failed" not in found


def test_what_makes_batches_not_comparable():
    """Another model, another threshold, the same images; other pictures do not matter."""
    one = [
        entry("a", 0.5, model={"name": "m"}, settings={"threshold": 0.5, "preview": True}, input_sha256="1")
    ]
    plain = [entry("b", 0.5, model={"name": "m"}, settings={"threshold": 0.5}, input_sha256="2")]
    other = [entry("a", 0.5, model={"name": "n"}, settings={"threshold": 0.4}, input_sha256="1")]
    assert notices("x", one, plain) == []
    said = " ".join(notices("x", one, other))
    assert "another model" in said and "other settings" in said and "1 images are in both" in said
