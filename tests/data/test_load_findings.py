"""The findings of an item as numbers."""

import pytest

from cxrtk.data import LoadFindingsd
from cxrtk.errors import DataError


def test_a_finding_is_1_at_its_place():
    """In the order of the names, which here are not the NIH's."""
    load = LoadFindingsd(keys="label", names=("Mass", "Effusion", "Nodule"))
    item = load({"label": {"image": "a.png", "findings": ("Nodule", "Mass")}})
    assert item["label"].tolist() == [1.0, 0.0, 1.0]


def test_it_keeps_the_name_of_the_file():
    """As the cache on disk and the test's table need."""
    item = LoadFindingsd(keys="label")({"label": {"image": "x/a.png", "findings": ("No Finding",)}})
    assert item["label"].meta["filename_or_obj"] == "x/a.png"


def test_an_item_that_says_nothing_is_refused():
    """It would count as healthy."""
    with pytest.raises(DataError, match=r"^a\.png: .*does not say"):
        LoadFindingsd(keys="label")({"label": {"image": "a.png", "findings": None}})
