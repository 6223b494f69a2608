"""Which images belong together."""

import pytest

from cxrtk.errors import ConfigError
from cxrtk.evaluation.subgroups import subgroups


def groups(case, column, values):
    cases = [case(f"{n}.png", columns={column: value}) for n, value in enumerate(values)]
    found = subgroups(cases, column)
    return {key: [int(each.image.removesuffix(".png")) for each in some] for key, some in found.items()}


def test_by_value(case):
    """Sorted; what is blank is unknown, not left out."""
    assert groups(case, "sex", ["M", "F", "", "M"]) == {"F": [1], "M": [0, 3], "unknown": [2]}


def test_an_image_with_two_findings_is_in_both(case):
    """As NIH ChestX-ray14 writes them."""
    assert groups(case, "finding", ["Mass|Edema", "Mass"]) == {"Edema": [0], "Mass": [0, 1]}


def test_ages_are_cut_into_quarters(case):
    """Of 1 to 12: three each, named by what is in them; an unknown age has its own group."""
    ages = [f"{age:03d}Y" for age in range(1, 13)]
    assert groups(case, "age", [*ages, ""]) == {
        "1 to 3": [0, 1, 2],
        "4 to 6": [3, 4, 5],
        "7 to 9": [6, 7, 8],
        "10 to 12": [9, 10, 11],
        "unknown": [12],
    }


def test_few_numbers_are_values(case):
    """Follow-up 0 or 1 is no range."""
    assert groups(case, "follow_up", ["0", "1", "0"]) == {"0": [0, 2], "1": [1]}


def test_every_image_is_in_a_quarter(case):
    """With ties at the borders."""
    found = groups(case, "age", [str(age % 10) for age in range(100)])
    assert sorted(index for some in found.values() for index in some) == list(range(100))


def test_there_must_be_such_a_column(case):
    """Names those there are."""
    with pytest.raises(ConfigError, match="'age'; available: sex"):
        subgroups([case(columns={"sex": "F"})], "age")
