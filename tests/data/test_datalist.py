"""One decision on where a run's labels come from, and the lists that follow from it."""

import hashlib
import json
import logging
import os
import shutil

import numpy as np
import pytest

from cxrtk import ConfigError, DataError, Label, Radiograph, Reader
from cxrtk.data import DataLists, split_by_patient
from cxrtk.data.datalist import fingerprint

PARTS = ("train", "validation", "test")


class Listed(Reader):
    """Ten patients of one image each; those in `labelled` have a mask."""

    def __init__(self, labelled: range, truth: str = "human", heart: str = "excluded") -> None:
        self.labelled, self.truth, self.heart = labelled, truth, heart

    def items(self):
        return [{"image": f"images/{n}.png", "patient": str(n), "number": n} for n in range(10)]

    def read(self, path):
        return Radiograph(np.zeros((4, 4), np.float32))

    def read_label(self, item):
        if item["number"] not in self.labelled:
            return None
        return Label(np.ones((1, 4, 4), np.uint8), ("lungs",), truth=self.truth, heart=self.heart)


@pytest.fixture(autouse=True)
def images(tmp_path, monkeypatch):
    """Ten files of one byte to ten, where the reader lists them."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    for n in range(10):
        (folder / "images" / f"{n}.png").write_bytes(b"x" * (n + 1))
    monkeypatch.chdir(folder)
    return folder / "images"


ALL, NONE, SOME = Listed(range(10)), Listed(range(0)), Listed(range(6))


def entries(lists: DataLists) -> list[dict]:
    return [entry for part in PARTS for entry in getattr(lists, part)]


@pytest.mark.parametrize(
    ("reader", "labels", "chosen", "count"),
    [
        (ALL, "auto", "files", 10),
        (NONE, "auto", "generated", 10),
        (ALL, "files", "files", 10),
        (SOME, "files", "files", 6),
        (ALL, "generated", "generated", 10),
        (SOME, "generated", "generated", 10),
    ],
)
def test_where_the_labels_come_from(reader, labels, chosen, count):
    """Files for the items that have one, or the generator for all of them; never a mixture."""
    lists = DataLists(reader, labels)
    assert lists.labels == chosen
    assert len(entries(lists)) == count
    for entry in entries(lists):
        if chosen == "generated":
            assert entry["label"] == "generate"
        else:
            assert entry["label"]["image"] == entry["image"] and entry["label"]["number"] in reader.labelled


def test_auto_refuses_a_mixture():
    """Six of ten with a mask: the user must say which is meant, and is told both words."""
    with pytest.raises(DataError, match=r"^6 of 10 images have a mask.*--labels files.*--labels generated"):
        DataLists(SOME, "auto")


def test_files_without_any_label_is_an_error():
    """It names the way out."""
    with pytest.raises(DataError, match=r"None of 10 images has a mask.*--labels generated"):
        DataLists(NONE, "files")


def test_what_is_left_out_is_counted(caplog):
    """Four of ten images have no mask; a warning says so."""
    with caplog.at_level(logging.WARNING, "cxrtk"):
        DataLists(SOME, "files")
    assert [record.message for record in caplog.records] == ["4 of 10 images have no mask and are left out."]


def test_another_word_is_refused():
    """Those that there are, are listed."""
    with pytest.raises(ConfigError, match="auto, files, generated, findings, not 'none'"):
        DataLists(ALL, "none")


@pytest.mark.parametrize(
    ("reader", "labels", "truth"),
    [
        (Listed(range(10), "human", "included"), "files", "human masks, heart included"),
        (Listed(range(10), "exact", "excluded"), "auto", "exact masks, heart excluded"),
        (Listed(range(10), "human"), "generated", "generated masks (weak labels)"),
        (NONE, "auto", "generated masks (weak labels)"),
    ],
)
def test_the_truth_is_named(reader, labels, truth):
    """What every number of the run is measured against, with the heart's convention."""
    assert DataLists(reader, labels).truth == truth


def test_the_split_is_drawn_by_the_seed_and_saved(tmp_path):
    """splits.json of the run holds the names of the images in each part."""
    lists = DataLists(ALL, seed=3, save_to=str(tmp_path))
    named = json.loads((tmp_path / "splits.json").read_text())
    expected = split_by_patient(ALL.items(), seed=3)
    for part in PARTS:
        images = [item["image"] for item in expected.part(part)]
        assert [entry["image"] for entry in getattr(lists, part)] == images
        assert [f"images/{name}" for name in named[part]] == images


def test_a_split_file_is_followed(tmp_path):
    """The parts are the file's, not the seed's."""
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"train": ["0.png", "1.png"], "validation": ["2.png"], "test": ["9.png"]}))
    lists = DataLists(ALL, split_file=str(file))
    assert [entry["image"] for entry in entries(lists)] == [f"images/{n}.png" for n in (0, 1, 2, 9)]


def test_the_log_counts_images_and_patients(caplog):
    """One line a run: 10 patients are 6, 1 and 3."""
    with caplog.at_level(logging.INFO, "cxrtk"):
        DataLists(ALL)
    assert [record.message for record in caplog.records] == [
        "train 6 images of 6 patients, validation 1 images of 1 patients, test 3 images of 3 patients; "
        "labels: human masks, heart excluded"
    ]


def test_the_fingerprint_is_that_of_names_and_sizes(images):
    """SHA-256 by hashlib, over a line for each file; another name, size, order or count is another one."""
    items = ALL.items()
    digest = hashlib.sha256("".join(f"{n}.png\0{n + 1}\n" for n in range(10)).encode()).hexdigest()
    assert DataLists(ALL).fingerprint == fingerprint(items) == digest
    others = {fingerprint(items[::-1]), fingerprint(items[:-1])}
    (images / "3.png").write_bytes(b"xxxxx")
    others.add(fingerprint(items))
    (images / "3.png").rename(images / "a.png")
    others.add(fingerprint([{**item, "image": str(item["image"]).replace("3", "a")} for item in items]))
    assert len(others | {digest}) == 5


def test_the_fingerprint_is_the_same_elsewhere(images, tmp_path):
    """Where the data set lies does not matter."""
    before = fingerprint(ALL.items())
    moved = shutil.copytree(images, tmp_path / "moved")
    assert fingerprint([{"image": moved / f"{n}.png"} for n in range(10)]) == before


def test_the_fingerprint_of_drawn_images_is_that_of_their_names(images):
    """A reader without files needs none; a name counts with size 0. A file that is gone is named."""

    class Drawn(Listed):
        def files(self, item):
            return [] if item["number"] < 4 else [item["image"]]

    for number in range(4):
        (images / f"{number}.png").unlink()
    lines = [f"{n}.png\0{0 if n < 4 else n + 1}\n" for n in range(10)]
    assert DataLists(Drawn(range(10))).fingerprint == hashlib.sha256("".join(lines).encode()).hexdigest()
    (images / "4.png").unlink()
    with pytest.raises(DataError, match=r"^1 of 10 images cannot be read: images/4\.png"):
        DataLists(Drawn(range(10)))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: None, "No such file or directory"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.mkdir(), "not a regular file"),
        (lambda path: os.mkfifo(path), "not a regular file"),
        (lambda path: path.symlink_to("nowhere.png"), "No such file or directory"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    ],
    ids=["missing", "empty", "folder", "fifo", "broken link", "loop"],
)
def test_an_image_that_cannot_be_read_is_named(images, spoil, said):
    """Before the training, with the reason; a pipe, which would block for ever, is not opened."""
    (images / "4.png").unlink()
    spoil(images / "4.png")
    with pytest.raises(DataError) as caught:
        DataLists(ALL)
    assert str(caught.value) == f"1 of 10 images cannot be read: images/4.png ({said})."


@pytest.mark.parametrize(("bad", "more"), [(10, ""), (25, " and 15 more")])
def test_many_bad_images_are_ten_names_and_a_count(tmp_path, bad, more):
    """The first ten in order."""
    items = [{"image": tmp_path / f"{n}.png"} for n in range(30)]
    for item in items[bad:]:
        item["image"].write_bytes(b"x")
    with pytest.raises(DataError, match=f"^{bad} of 30 images cannot be read: ") as caught:
        fingerprint(items)
    named = ", ".join(f"{tmp_path}/{n}.png (No such file or directory)" for n in range(10))
    assert str(caught.value).endswith(f": {named}{more}.")


def test_a_run_that_goes_on_keeps_its_split(tmp_path):
    """The same split is accepted, and the file is not written again."""
    DataLists(ALL, seed=3, save_to=str(tmp_path))
    before = (tmp_path / "splits.json").stat().st_mtime_ns
    DataLists(ALL, seed=3, save_to=str(tmp_path))
    assert (tmp_path / "splits.json").stat().st_mtime_ns == before


def test_another_split_is_refused(tmp_path):
    """Images of the test part would train; the file of the run stays."""
    DataLists(ALL, seed=3, save_to=str(tmp_path))
    before = (tmp_path / "splits.json").read_bytes()
    with pytest.raises(DataError, match=r"splits\.json: the run was started with a different split"):
        DataLists(ALL, seed=4, save_to=str(tmp_path))
    assert (tmp_path / "splits.json").read_bytes() == before


def test_one_file_under_two_names_in_two_parts_is_refused(images, tmp_path):
    """F25, as far as bytes tell it: both names and both parts, before any image is decoded."""
    shutil.copy(images / "3.png", images / "8.png")
    path = tmp_path / "split.json"
    path.write_text(json.dumps({"train": ["1.png", "3.png"], "validation": ["4.png"], "test": ["8.png"]}))
    with pytest.raises(DataError) as caught:
        DataLists(ALL, split_file=str(path))
    assert "The split leaks: images/3.png in train and images/8.png in test are the same file" in str(
        caught.value
    )


def test_one_file_under_two_names_in_one_part_trains(images, tmp_path):
    """It counts twice there, but tells nothing of another part."""
    shutil.copy(images / "3.png", images / "8.png")
    path = tmp_path / "split.json"
    path.write_text(json.dumps({"train": ["8.png", "3.png"], "validation": ["4.png"], "test": ["1.png"]}))
    assert len(DataLists(ALL, split_file=str(path)).train) == 2


def test_folds_test_every_image_once(tmp_path):
    """Five folds of ten patients: two each, and none twice."""
    lists = [DataLists(ALL, fold=fold, folds=5, save_to=str(tmp_path / str(fold))) for fold in range(5)]
    tested = [entry["image"] for each in lists for entry in each.test]
    assert len(tested) == 10 and len(set(tested)) == 10


def test_a_fold_that_is_none_is_the_users_error():
    """Said before anything is read."""
    with pytest.raises(ConfigError, match="not 5 of 5"):
        DataLists(ALL, fold=5, folds=5)


class Told(Listed):
    """As `Listed`; the source says of eight images what they show."""

    def items(self):
        return [{**item, "findings": ("Mass",) if item["number"] < 8 else None} for item in super().items()]


def test_findings_take_the_images_of_which_the_source_tells(caplog):
    """Masks do not matter; the two others are left out, aloud."""
    with caplog.at_level(logging.WARNING):
        lists = DataLists(Told(range(0)), "findings")
    assert sorted(entry["label"]["number"] for entry in entries(lists)) == list(range(8))
    assert "2 of 10 images have no findings stated" in caplog.text
    assert lists.truth.startswith("findings in the data set's table")


def test_findings_of_a_source_that_tells_nothing():
    """One line that says what is missing."""
    with pytest.raises(DataError, match="needs a column 'findings'"):
        DataLists(ALL, "findings")
