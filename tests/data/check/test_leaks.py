"""Splits: an image, a patient or a copy in two parts is found."""

import json
import shutil
from pathlib import Path

import pytest

from cxrtk import DataError
from cxrtk.data.split_files import read_parts

from .spoiling import A, B, C, D, E, F, G, H, image, pixels, save, worrying


def split_file(folder: Path, **parts: list[str]) -> Path:
    path = folder / "splits.json"
    path.write_text(json.dumps({part: [f"{stem}.png" for stem in stems] for part, stems in parts.items()}))
    return path


def test_a_split_that_does_not_leak(clean, checked, tmp_path):
    """Whole patients in each part: nothing is found, and the parts are counted."""
    path = split_file(tmp_path, train=[A, B, C, D], validation=[E, F], test=[G, H])
    report = checked(clean, split=lambda items: read_parts(path, items))
    assert worrying(report) == {}
    assert report.summary["parts"]["train"] == {"images": 4, "patients": 3}


def test_patient_in_two_parts(clean, checked, tmp_path):
    """F26: the two images of a patient apart; the patient is hashed unless asked for."""
    path = split_file(tmp_path, train=[A, B, D], validation=[C, E, F], test=[G, H])
    found = []
    for show in (False, True):
        report = checked(clean, split=lambda items: read_parts(path, items), show_ids=show)
        assert worrying(report) == {"patient_in_two_parts": [(f"images/{B}.png", f"images/{C}.png")]}
        found += [issue.detail for issue in report.of("patient_in_two_parts")]
    assert "00000002" not in found[0] and found[0].endswith("in train and validation")
    assert found[1] == "patient 00000002 in train and validation"


def test_image_in_two_parts(clean, checked, tmp_path):
    """One image in two lists."""
    path = split_file(tmp_path, train=[A, B, C], validation=[A, E], test=[G, H])
    report = checked(clean, split=lambda items: read_parts(path, items))
    assert report.of("image_in_two_parts")[0].images == (f"images/{A}.png",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda values: values, "copy_in_two_parts"),
        (lambda values: values // 2 + 20, "near_copy_in_two_parts"),
    ],
)
def test_copies_in_two_parts(clean, checked, tmp_path, change, code):
    """F25: equal pixels, or almost equal ones, under two patients, one of whom trains and one tests."""
    save(image(clean, G), change(pixels(image(clean, A))))
    shutil.copy(clean / "masks" / f"{A}.png", clean / "masks" / f"{G}.png")
    path = split_file(tmp_path, train=[A, B, C, D], validation=[E, F], test=[G, H])
    report = checked(clean, split=lambda items: read_parts(path, items))
    assert worrying(report) == {code: [(f"images/{A}.png", f"images/{G}.png")]}
    assert "in train and test" in report.of(code)[0].detail


def test_a_split_of_another_set(clean, checked, tmp_path):
    """Its images are unknown here: the check does not run."""
    path = split_file(tmp_path, train=["other"], validation=[E], test=[G])
    with pytest.raises(DataError, match="not in the data set"):
        checked(clean, split=lambda items: read_parts(path, items))
