"""The set with findings on disk: table, masks and boxes say the same."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from cxrtk import phantom, readers
from cxrtk.data.boxes import read_boxes
from cxrtk.errors import ConfigError, DataError

COUNT, SIZE = 14, 128


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return phantom.write_nih(tmp_path_factory.mktemp("set") / "p", COUNT, seed=2, size=SIZE, findings=True)


def _named(folder):
    """Image -> the findings in the table, without "No Finding"."""
    with (folder / "Data_Entry_2017.csv").open(newline="") as file:
        lines = list(csv.reader(file))[1:]
    return {line[0]: set(line[1].split("|")) - {"No Finding"} for line in lines}


def test_table_masks_and_boxes_name_the_same(folder):
    """Each finding of the table has a mask and a box, and there are no others."""
    named = _named(folder)
    pairs = {(image, finding) for image, findings in named.items() for finding in findings}
    assert len(named) == COUNT and len({finding for _, finding in pairs}) >= 4
    assert {(box.image, box.finding) for box in read_boxes(folder / "BBox_List_2017.csv")} == pairs
    masks = {path.name for path in (folder / "findings").iterdir()}
    assert masks == {f"{image.removesuffix('.png')}_{finding}.png" for image, finding in pairs}


def test_boxes_bound_the_masks(folder):
    """The boxes of a finding, together, end where its mask does; in pixels of 1024."""
    boxes = read_boxes(folder / "BBox_List_2017.csv")
    scale = 1024 / SIZE
    for image, finding in {(box.image, box.finding) for box in boxes}:
        of_mask = [box for box in boxes if (box.image, box.finding) == (image, finding)]
        with Image.open(folder / "findings" / f"{image.removesuffix('.png')}_{finding}.png") as file:
            assert file.mode == "1" and file.size == (SIZE, SIZE)
            rows, columns = np.nonzero(np.asarray(file))
        assert min(box.x for box in of_mask) == columns.min() * scale
        assert min(box.y for box in of_mask) == rows.min() * scale
        assert max(box.x + box.width for box in of_mask) == (columns.max() + 1) * scale
        assert max(box.y + box.height for box in of_mask) == (rows.max() + 1) * scale


def test_the_reader_of_the_real_data_reads_the_findings(folder):
    """`nih_png` gives the findings of the table, and "No Finding" where there is none."""
    named = _named(folder)
    for item in readers.create("nih_png", root=folder).items():
        image = item["image"].replace("\\", "/").rsplit("/", 1)[-1]
        assert set(item["findings"]) == (named[image] or {"No Finding"})


def test_images_without_findings_are_those_of_the_plain_set(folder, tmp_path):
    """Byte for byte the same images, and the same masks of the lungs everywhere but round a widened heart."""
    plain = phantom.write_nih(tmp_path / "plain", COUNT, seed=2, size=SIZE)
    named, own = _named(folder), _named(plain)
    same = [image for image, findings in named.items() if findings == own[image]]
    assert len(same) >= 3
    for image, findings in named.items():
        for kind in ("images", "masks", "labels"):
            with_them, without = ((root / kind / image).read_bytes() for root in (folder, plain))
            widened = "Cardiomegaly" in findings - own[image]
            if image in same or (kind != "images" and not widened):
                assert with_them == without


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    """All files of a set written twice are equal."""
    again = phantom.write_nih(tmp_path / "again", COUNT, seed=2, size=SIZE, findings=True)
    files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert files == {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
    assert all((folder / name).read_bytes() == (again / name).read_bytes() for name in files)


def test_half_of_a_set_shows_nothing():
    """Of 4000 images half have no finding, nor a wide heart of their own; each kind is in 4 % at least."""
    shots = phantom.shots(4000, 3, findings=True)
    counts = dict.fromkeys(phantom.PLANTABLE, 0)
    nothing = 0
    for shot in shots:
        own = phantom.describe(shot.seed, patient_seed=shot.patient_seed)["finding"]
        names = set(shot.findings) | ({own} - {"No Finding"})
        nothing += not names
        for name in names:
            counts[name] += 1
    assert 0.46 < nothing / 4000 < 0.54
    assert min(counts.values()) > 0.04 * 4000


def test_images_and_patients_are_those_without_findings():
    """Stems, seeds and negatives of a set do not change with findings."""
    plain, planted = phantom.shots(50, 1, 0.3), phantom.shots(50, 1, 0.3, findings=True)
    for a, b in zip(plain, planted, strict=True):
        assert (a.stem, a.seed, a.patient_seed, a.inverted) == (b.stem, b.seed, b.patient_seed, b.inverted)
        assert a.findings is None and b.findings is not None


def test_a_planted_heart_is_the_patients():
    """All images of a patient have the wide heart, or none has."""
    of_patient = {}
    for shot in phantom.shots(2000, 1, findings=True):
        of_patient.setdefault(shot.patient, set()).add("Cardiomegaly" in shot.findings)
    assert all(len(planted) == 1 for planted in of_patient.values())
    assert {True} in of_patient.values()


def test_the_manifest_tells_the_sets_apart(folder, tmp_path):
    """A set with findings is not taken for one without, nor the reverse; nothing there speaks of them."""
    assert json.loads((folder / "phantom.json").read_text())["findings"] == 1
    with pytest.raises(DataError, match="holds the phantom set"):
        phantom.write_nih(folder, COUNT, seed=2, size=SIZE)
    plain = phantom.write_nih(tmp_path / "plain", 2, size=SIZE)
    assert "findings" not in json.loads((plain / "phantom.json").read_text())
    assert not (plain / "findings").exists() and not (plain / "BBox_List_2017.csv").exists()
    with pytest.raises(DataError, match="holds the phantom set"):
        phantom.write_nih(plain, 2, size=SIZE, findings=True)


def test_a_lost_mask_is_missed(tmp_path):
    """A mask of a finding removed by hand is named; whole, the set is left as it is."""
    folder = phantom.write_nih(tmp_path / "set", 6, seed=2, size=SIZE, findings=True)
    assert phantom.write_nih(folder, 6, seed=2, size=SIZE, findings=True) == folder
    lost = min((folder / "findings").iterdir())
    lost.unlink()
    with pytest.raises(DataError, match=f"1 files of findings/ are gone, such as {lost.name}"):
        phantom.write_nih(folder, 6, seed=2, size=SIZE, findings=True)


def test_too_small(tmp_path):
    """A set with findings below 128 pixels is refused, and nothing is written."""
    with pytest.raises(ConfigError, match="at least 128"):
        phantom.write_nih(tmp_path / "set", 2, size=64, findings=True)
    assert not (tmp_path / "set").exists()
