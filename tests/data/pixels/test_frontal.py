"""Strangers among frontal radiographs: what the rules of thumb find on real images, and what they miss."""

import csv

import pytest

from cxrtk import phantom, pixels
from cxrtk.data.pixels.frontal import not_frontal


def flagged(folder) -> set[str]:
    return {path.stem for path in sorted(folder.iterdir()) if not_frontal(pixels.read(path).pixels)}


def test_side_views_and_slices(cxrtk_data):
    """Nine of 13 side views and all six slices; docs/check.md says so, and no fewer may be found."""
    with (cxrtk_data / "not_frontal" / "manifest.csv").open(newline="") as file:
        kind = {row["stem"]: row["kind"] for row in csv.DictReader(file)}
    found = [kind[stem] for stem in flagged(cxrtk_data / "not_frontal" / "images")]
    assert (found.count("lateral"), found.count("ct_axial")) == (9, 6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"), [("jsrt", 0), ("openist", 0), ("covid_v7", 3), ("kermany_v7", 0), ("nih_64px", 1)]
)
def test_false_alarms(cxrtk_data, name, most):
    """Of 1081 frontal images four are flagged."""
    assert len(flagged(cxrtk_data / name / "images")) <= most


def test_phantoms_are_frontal(tmp_path):
    """No drawn chest is flagged."""
    root = phantom.write_nih(tmp_path / "set", 8, size=128)
    assert flagged(root / "images") == set()


def test_small_pictures_are_not_judged(cxrtk_data):
    """Below 64 pixels a side nothing is said, of a slice as well."""
    slice_ = pixels.read(cxrtk_data / "not_frontal" / "images" / "16745_2_2.png").pixels
    assert not_frontal(slice_)
    assert not not_frontal(slice_[:63])
