"""Attribute values as numbers, codes and text; what may stand in a message and what may not."""

import pytest
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from cxrtk.data.pixels.dicom import values
from cxrtk.data.pixels.dicom.values import (
    UnusableValue,
    allowed,
    code,
    first_item,
    first_number,
    numbers,
    tag,
    understood,
)


def dataset(**tags) -> Dataset:
    made = Dataset()
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("keyword", "value", "written"),
    [
        ("PixelSpacing", None, "(0028,0030) PixelSpacing"),
        ("PixelSpacing", 0.5, "(0028,0030) PixelSpacing = 0.5"),
        ("PixelSpacing", [0.5, 1.0], "(0028,0030) PixelSpacing = [0.5, 1.0]"),
        ("PixelSpacing", MultiValue(float, [0.5, 1.0]), "(0028,0030) PixelSpacing = [0.5, 1.0]"),
        ("PixelSpacing", "CODE_1", "(0028,0030) PixelSpacing = (free text)"),
        ("PixelSpacing", "1.2.840.1", "(0028,0030) PixelSpacing = (free text)"),
        ("PixelSpacing", "(missing)", "(0028,0030) PixelSpacing = (missing)"),
        ("PixelSpacing", "1" * 41, "(0028,0030) PixelSpacing = (free text)"),
        ("PixelSpacing", int("1" * 41), "(0028,0030) PixelSpacing = " + "1" * 37 + "..."),
        ("PixelSpacing", int("1" * 40), "(0028,0030) PixelSpacing = " + "1" * 40),
        ("Modality", "DX", "(0008,0060) Modality = DX"),
        ("Modality", "DOE JOHN", "(0008,0060) Modality = (free text)"),
        ("PatientOrientation", ["L", "F"], "(0020,0020) PatientOrientation = ['L', 'F']"),
        ("PatientOrientation", ["L", "DOE"], "(0020,0020) PatientOrientation = (free text)"),
        ("TransferSyntaxUID", "1.2.840.10008.1.2", "(0002,0010) TransferSyntaxUID = 1.2.840.10008.1.2"),
        ("TransferSyntaxUID", "1.2.19700101", "(0002,0010) TransferSyntaxUID = (free text)"),
    ],
)
def test_how_messages_name_an_attribute(keyword, value, written):
    """By number and keyword; text that is no defined term is not quoted, and a long number is cut."""
    assert tag(keyword, value) == written


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, []),
        ({"WindowCenter": 40}, [40.0]),
        ({"WindowCenter": [40, 50.5]}, [40.0, 50.5]),
        ({"WindowCenter": None}, []),
        ({"WindowCenter": ""}, []),
    ],
)
def test_numbers(tags, expected):
    """All of them as floats; none where the attribute is absent or empty."""
    found = numbers(dataset(**tags), "WindowCenter")
    assert found == expected and all(type(number) is float for number in found)
    assert first_number(dataset(**tags), "WindowCenter") == (expected[0] if expected else None)


@pytest.mark.filterwarnings("ignore:Invalid value for VR DS")
@pytest.mark.parametrize(("value", "says"), [("nan", "not a finite"), ("inf", "not a finite")])
def test_what_is_no_finite_number(value, says):
    """The attribute is named, and its value is not quoted."""
    with pytest.raises(UnusableValue, match=rf"\(0028,1050\) WindowCenter is {says} number"):
        numbers(dataset(WindowCenter=value), "WindowCenter")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, ""),
        ({"Modality": " dx "}, "DX"),
        ({"Modality": "CR\0"}, "CR"),
        ({"Modality": ["DX", "CR"]}, "DX"),
        ({"Modality": None}, ""),
        ({"Rows": 3}, ""),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_codes(tags, expected):
    """Without padding, in upper case; a number is none."""
    assert code(dataset(**tags), "Rows" if "Rows" in tags else "Modality") == expected


@pytest.mark.parametrize(
    ("keyword", "value", "expected"),
    [
        ("Rows", 7, 7),
        ("Modality", "DX", "DX"),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1"),
        ("SOPClassUID", "1.2.3", None),
        ("SOPClassUID", "1" * 65, None),
        ("Modality", "Doe^John", None),
        ("Modality", "DOE JOHN", None),
        ("Modality", "dx", None),
        ("ViewPosition", "DX", None),
        ("PatientOrientation", MultiValue(str, ["L", "FP"]), ["L", "FP"]),
        ("PatientOrientation", MultiValue(str, ["L", "LR"]), None),
        ("PatientOrientation", MultiValue(str, ["L", "DOE"]), None),
        ("PatientName", "DX", None),
    ],
)
def test_what_may_leave(keyword, value, expected):
    """Numbers and defined terms of that attribute, wholly or not at all."""
    assert allowed(keyword, value) == expected


def test_the_first_item():
    """Of a sequence; none where it is absent or empty."""
    filled = dataset(VOILUTSequence=[dataset(LUTExplanation="a"), dataset(LUTExplanation="b")])
    assert first_item(filled, "VOILUTSequence").LUTExplanation == "a"
    assert first_item(dataset(VOILUTSequence=[]), "VOILUTSequence") is None
    assert first_item(Dataset(), "VOILUTSequence") is None


@pytest.mark.parametrize("explicit", [True, False])
def test_the_first_item_of_a_file(tmp_path, monkeypatch, explicit):
    """As it lies in a file, not yet parsed: the same, and an item with too many elements is refused."""
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    made = dataset(VOILUTSequence=[dataset(LUTExplanation="a", Rows=3)], Modality="DX")
    syntax = ExplicitVRLittleEndian if explicit else ImplicitVRLittleEndian
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.save_as(tmp_path / "a.dcm", enforce_file_format=False)
    read = pydicom.dcmread(tmp_path / "a.dcm", force=True)
    assert first_item(read, "VOILUTSequence").LUTExplanation == "a"
    monkeypatch.setattr(values, "LONGEST_ITEM", 3)
    read = pydicom.dcmread(tmp_path / "a.dcm", force=True)
    with pytest.raises(UnusableValue, match="VOILUTSequence has too many elements"):
        first_item(read, "VOILUTSequence")


def test_a_value_that_is_too_long_is_not_parsed(tmp_path, monkeypatch):
    """Its bytes are told; one byte less is read."""
    import pydicom

    made = dataset(WindowCenter=["1"] * 5)  # "1\\1\\1\\1\\1 " in the file
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    made.save_as(tmp_path / "a.dcm", enforce_file_format=False)
    monkeypatch.setattr(values, "LONGEST_VALUE", 9)
    with pytest.raises(UnusableValue, match="is not a number"):
        numbers(pydicom.dcmread(tmp_path / "a.dcm", force=True), "WindowCenter")
    with pytest.raises(UnusableValue, match="has 10 bytes"):
        values.value_of(pydicom.dcmread(tmp_path / "a.dcm", force=True), "WindowCenter")
    monkeypatch.setattr(values, "LONGEST_VALUE", 10)
    assert numbers(pydicom.dcmread(tmp_path / "a.dcm", force=True), "WindowCenter") == [1.0] * 5


@pytest.mark.parametrize(
    ("keyword", "value", "expected"),
    [
        ("PhotometricInterpretation", "monochrome1", True),
        ("Modality", "dx ", True),
        ("Modality", "doe john", False),
        ("PatientOrientation", MultiValue(str, ["l", "f"]), True),
        ("PatientOrientation", MultiValue(str, ["l", "doe"]), False),
    ],
)
def test_small_letters_are_understood(keyword, value, expected):
    """Only a value that is no term even in capitals is worth a warning; of several, one is enough."""
    assert understood(keyword, value) is expected
