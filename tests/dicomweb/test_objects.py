"""DICOM JSON: values and items, whatever stands there."""

import pytest
from pydicom import Dataset

from cxrtk.dicomweb.objects import items, values


def test_values_as_pydicom_writes_them():
    """An independent writer of the same form."""
    dataset = Dataset()
    dataset.Modality = "DX"
    item = Dataset()
    item.ReferencedSOPInstanceUID = "1.2"
    dataset.ReferencedSOPSequence = [item]
    written = dataset.to_json_dict()
    assert values(written, "00080060") == ["DX"]
    assert [values(each, "00081155") for each in items(written, "00081199")] == [["1.2"]]


@pytest.mark.parametrize("element", [None, [], "DX", {}, {"Value": None}, {"Value": "DX"}, {"Value": {}}])
def test_what_is_none(element):
    """No values, and no error."""
    assert values({"00080060": element}, "00080060") == items({"00080060": element}, "00080060") == []


def test_items_that_are_none():
    assert items({"a": {"Value": [1, {}, "x"]}}, "a") == [{}]
