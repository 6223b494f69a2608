"""The set on disk: the NIH's layout, whole or not there at all."""

import gzip
import json

import numpy as np
import pytest
from PIL import Image

from cxrtk import phantom, readers
from cxrtk.data.phantom import write
from cxrtk.errors import ConfigError, DataError

COUNT, SIZE = 8, 48


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return phantom.write_nih(tmp_path_factory.mktemp("set") / "deep" / "phantom", COUNT, seed=1, size=SIZE)


def test_the_header_is_that_of_the_real_table(folder, cxrtk_data):
    """The table's first line is, byte for byte, the one of the NIH's table."""
    with gzip.open(cxrtk_data / "nih_tables" / "Data_Entry_2017_v2020.csv.gz", "rb") as file:
        real = file.readline()
    assert (folder / "Data_Entry_2017.csv").read_bytes().splitlines()[0] == real.strip()


def test_each_image_has_its_mask_and_classes(folder):
    """8-bit grey images, 1-bit masks, 8-bit classes 0 to 3, with equal stems and sizes."""
    stems = {row["Image Index"].removesuffix(".png") for row in _table(folder)}
    assert len(stems) == COUNT
    for name, mode in (("images", "L"), ("masks", "1"), ("labels", "L")):
        files = {path.stem: path for path in (folder / name).glob("*.png")}
        assert files.keys() == stems
        for path in files.values():
            with Image.open(path) as image:
                assert (image.mode, image.size) == (mode, (SIZE, SIZE))


def _table(folder):
    """The rows, split as the NIH's header must be: its bracketed names hold commas."""
    lines = (folder / "Data_Entry_2017.csv").read_text(encoding="utf-8").splitlines()
    names = ["Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender"]
    names += ["View Position", "width", "height", "x_mm", "y_mm"]
    return [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]


def test_masks_are_classes_one_and_two(folder):
    """The mask of both lungs is where the class map says right or left lung; all four classes occur."""
    for path in (folder / "labels").glob("*.png"):
        labels = np.asarray(Image.open(path))
        assert np.array_equal(np.asarray(Image.open(folder / "masks" / path.name)), np.isin(labels, (1, 2)))
        assert set(np.unique(labels)) == {0, 1, 2, 3}


def test_patients_come_back(folder):
    """Three quarters as many patients as images; one patient keeps sex and age, and counts follow-ups."""
    by_patient = {}
    for row in _table(folder):
        by_patient.setdefault(row["Patient ID"], []).append(row)
        assert row["Image Index"] == f"{int(row['Patient ID']):08d}_{int(row['Follow-up #']):03d}.png"
    assert len(by_patient) == 6
    for images in by_patient.values():
        assert [int(row["Follow-up #"]) for row in images] == list(range(len(images)))
        assert len({(row["Patient Gender"], row["Patient Age"]) for row in images}) == 1


def test_the_reader_of_the_real_data_reads_it(folder):
    """`nih_png` finds every image, knows the masks for exact, and gets the drawing's spacing back."""
    reader = readers.create("nih_png", root=folder)
    shots = phantom.shots(COUNT, 1)
    assert [item["patient"] for item in reader.items()] == [f"{shot.patient:08d}" for shot in shots]
    for item, shot in list(zip(reader.items(), shots, strict=True))[:3]:
        drawn = shot.draw(SIZE)
        label, read = reader.read_label(item), reader.read(item["image"])
        assert (label.truth, label.heart) == ("exact", "excluded")
        assert np.array_equal(label.masks, np.stack([drawn.right_lung, drawn.left_lung, drawn.heart]))
        assert np.abs(read.pixels - drawn.pixels).max() <= 0.5 / 255 + 1e-6
        assert read.spacing_mm == pytest.approx(drawn.spacing_mm, rel=1e-4)


def test_about_json_says_what_the_masks_are(folder):
    """`masks/about.json` names truth, heart, maker and seed."""
    about = json.loads((folder / "masks" / "about.json").read_text())
    assert about.items() >= {"truth": "exact", "heart": "excluded", "seed": 1}.items()
    assert "phantom" in about["made_by"]


def test_the_same_set_is_not_drawn_again(folder, monkeypatch):
    """A second call with the same numbers touches nothing."""
    monkeypatch.setattr(write, "_save", None)  # a call would be a TypeError
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert phantom.write_nih(folder, COUNT, seed=1, size=SIZE) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize("other", [{"count": COUNT + 1}, {"seed": 2}, {"size": SIZE + 1}, {"inverted": 0.5}])
def test_another_set_is_refused(folder, other):
    """A folder that holds a set made from other numbers is named, with both, and left alone."""
    arguments = {"count": COUNT, "seed": 1, "size": SIZE, **other}
    key, value = next(iter(other.items()))
    with pytest.raises(DataError, match=rf"phantom: holds the phantom set .*'{key}': {value}"):
        phantom.write_nih(folder, **arguments)


def test_a_set_with_lost_files_is_refused(tmp_path):
    """Images removed by hand are missed, by name."""
    folder = phantom.write_nih(tmp_path / "set", 2, size=32)
    (folder / "masks" / "00000002_000.png").unlink()
    with pytest.raises(DataError, match=r"1 files of masks/ are gone, such as 00000002_000\.png"):
        phantom.write_nih(folder, 2, size=32)


def test_a_foreign_folder_is_refused(tmp_path):
    """Somebody's files are neither mixed with nor replaced."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match="holds no phantom set"):
        phantom.write_nih(tmp_path, 2, size=32)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_filled(tmp_path):
    """An existing empty folder is no obstacle."""
    assert len(list((phantom.write_nih(tmp_path, 2, size=32) / "images").iterdir())) == 2


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_a_stopped_write_leaves_nothing(tmp_path, monkeypatch, stop):
    """When drawing ends half-way there is no folder, neither the set's nor a temporary one; then it works."""
    save, saved = write._save, []

    def stopping(folder, stem, drawn):
        if len(saved) == 2:
            raise stop
        saved.append(stem)
        save(folder, stem, drawn)

    with monkeypatch.context() as patch:
        patch.setattr(write, "_save", stopping)
        with pytest.raises(stop):
            phantom.write_nih(tmp_path / "set", 4, size=32)
    assert len(saved) == 2 and not list(tmp_path.iterdir())
    assert phantom.write_nih(tmp_path / "set", 4, size=32).is_dir()


def test_a_killed_process_leaves_no_set(tmp_path, fresh_python):
    """After SIGKILL in mid-write the folder does not exist, and the next call writes all of it."""
    script = tmp_path / "killed.py"
    script.write_text(
        "import os, signal\n"
        "from cxrtk.data.phantom import write\n"
        "save = write._save\n"
        "def saved(*arguments):\n"
        "    save(*arguments)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "write._save = saved\n"
        "write.write_nih('set', 3, size=32)\n"
    )
    assert fresh_python(script).code == -9
    assert not (tmp_path / "set").exists()
    folder = phantom.write_nih(tmp_path / "set", 3, size=32)
    assert len(list((folder / "images").iterdir())) == 3


def test_the_same_numbers_write_the_same_bytes(tmp_path):
    """Two sets of one seed are equal file by file; of another seed they are not."""
    one, two, other = (
        phantom.write_nih(tmp_path / name, 3, seed=seed, size=32)
        for name, seed in (("one", 4), ("two", 4), ("other", 5))
    )
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert all((one / path).read_bytes() == (two / path).read_bytes() for path in files)
    image = "images/00000001_000.png"
    assert (one / image).read_bytes() != (other / image).read_bytes()


def test_sample_is_the_set_of_seed_zero(tmp_path, monkeypatch):
    """`sample` writes to the folder that a run without data uses, once."""
    monkeypatch.chdir(tmp_path)
    folder = phantom.sample(count=2, size=32)
    assert str(folder) == "data/phantom" and len(list(folder.glob("images/*.png"))) == 2
    assert json.loads((folder / "phantom.json").read_text())["seed"] == 0
    assert phantom.sample(count=2, size=32) == folder


def test_a_share_is_stored_inverted(tmp_path):
    """Asked for a half as negatives, some images of the same set are turned, the others as before."""
    plain = phantom.write_nih(tmp_path / "plain", 8, size=32)
    mixed = phantom.write_nih(tmp_path / "mixed", 8, size=32, inverted=0.5)
    turned = 0
    for path in plain.glob("images/*.png"):
        before, after = (np.asarray(Image.open(folder / "images" / path.name)) for folder in (plain, mixed))
        same, negative = np.array_equal(before, after), np.abs(before + after.astype(int) - 255).max() <= 1
        assert same != negative
        turned += negative
    assert 1 <= turned <= 7


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_no_such_share(share):
    """A share beyond 0 and 1 is refused."""
    with pytest.raises(ConfigError, match="between 0 and 1, not"):
        phantom.shots(3, 0, share)


@pytest.mark.parametrize(("count", "seed"), [(0, 0), (100_000, 0), (3, -1)])
def test_no_such_set(tmp_path, count, seed):
    """A count or seed out of range is refused before anything is written."""
    with pytest.raises(ConfigError, match=f"not {count} and {seed}"):
        phantom.write_nih(tmp_path / "set", count, seed=seed, size=32)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_shots_number_every_image_once(count):
    """Stems and seeds are all different; there are as many as asked for, sorted; no patient is left out."""
    listed = phantom.shots(count, 3)
    assert len({shot.stem for shot in listed}) == len({shot.seed for shot in listed}) == count
    assert [shot.stem for shot in listed] == sorted(shot.stem for shot in listed)
    assert {shot.patient for shot in listed} == set(range(1, max(1, round(0.75 * count)) + 1))
    assert not {shot.seed for shot in listed} & {shot.seed for shot in phantom.shots(count, 4)}
