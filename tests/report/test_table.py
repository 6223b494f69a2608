"""Cells of a table."""

import pytest

from cxrtk.report.table import Cell, number_cell
from cxrtk.report.words import NO_VALUE


@pytest.mark.parametrize(
    ("value", "form", "cell"),
    [
        (0.256, ".2f", Cell("0.26", 0.256)),  # sorted by what it is, not by what is shown
        (0.0, ".2f", Cell("0.00", 0.0)),
        (1234.5, ",.0f", Cell("1,234", 1234.5)),
        (None, ".2f", Cell(NO_VALUE, None)),
    ],
)
def test_a_number_or_a_dash(value, form, cell):
    """Nothing is no nought."""
    assert number_cell(value, form) == cell


def test_two_digits_without_a_form():
    """As most columns have."""
    assert number_cell(2) == Cell("2.00", 2)
