"""Split files: saved, read back, and refused where they cannot be used."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrtk import DataError
from cxrtk.data import Split, read_split, split_by_patient
from cxrtk.data.split_files import part_finder, same_split

from .split_items import PARTS, TWINS, images, items_of, patients

ONE_EACH = {"train": ["0_0.png"], "validation": ["1_0.png"], "test": ["2_0.png"]}


@settings(max_examples=25, deadline=None)
@given(counts=st.lists(st.integers(1, 5), min_size=3, max_size=60))
def test_a_saved_split_is_read_back(tmp_path_factory, counts):
    """Saved and read, each part holds the same images, and the file holds their names only."""
    items = items_of(*counts)
    split = split_by_patient(items)
    file = tmp_path_factory.mktemp("split") / "splits.json"
    split.save(file)
    assert read_split(file, items) == split
    assert set(json.loads(file.read_text())["test"]) == {i["image"].split("/")[1] for i in split.test}


def test_a_split_holds_after_the_data_has_moved(tmp_path):
    """The folder of the images is not in the file."""
    split_by_patient(items_of(1, 1, 1, 1)).save(tmp_path / "splits.json")
    moved = [{**item, "image": f"/mnt/{item['image']}"} for item in items_of(1, 1, 1, 1)]
    again = read_split(tmp_path / "splits.json", moved)
    assert {item["image"] for part in PARTS for item in again.part(part)} == images(moved)


def test_files_of_one_name_in_several_folders_stay_apart(tmp_path):
    """DICOM files of several patients are often called alike; each goes where it was."""
    items = [{"image": f"/d/{p}/{s}/IM1.dcm", "patient": p} for p in "abcdef" for s in "12"]
    split = split_by_patient(items)
    split.save(tmp_path / "splits.json")
    assert read_split(tmp_path / "splits.json", items) == split
    moved = [{**item, "image": f"/else/where{item['image'][2:]}"} for item in items]
    assert patients(read_split(tmp_path / "splits.json", moved).test) == patients(split.test)


def test_images_that_are_not_named_belong_to_no_part(tmp_path):
    """A split file may use a part of the data set."""
    file = tmp_path / "s.json"
    file.write_text(json.dumps(ONE_EACH))
    split = read_split(file, items_of(3, 1, 1, 1))
    assert [len(split.part(part)) for part in PARTS] == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a split file"),
        ("[]", "exactly the lists train, validation, test"),
        (json.dumps({"train": ["0_0.png"], "test": ["1_0.png"]}), "exactly the lists"),
        (json.dumps({**ONE_EACH, "test": "2_0.png"}), "test must be a list of image names"),
        (json.dumps({**ONE_EACH, "test": [["2_0.png"]]}), "test must be a list of image names"),
        (json.dumps({**ONE_EACH, "test": ["x.png", "y.png"]}), "2 of its images.*first 'x.png'"),
        (json.dumps({**ONE_EACH, "test": ["2_0.png", "2_0.png"]}), "names '2_0.png' twice"),
        (json.dumps({**ONE_EACH, "test": ["0_1.png"]}), "leaks"),
        (json.dumps({**ONE_EACH, "validation": []}), "validation part of the split is empty"),
    ],
)
def test_a_split_file_that_cannot_be_used_is_refused(tmp_path, text, message):
    """What is wrong is said."""
    file = tmp_path / "s.json"
    file.write_text(text)
    with pytest.raises(DataError, match=message):
        read_split(file, items_of(2, 1, 1))


def test_a_split_file_that_is_not_there_is_named(tmp_path):
    """The message has the path."""
    with pytest.raises(DataError, match=r"nowhere\.json"):
        read_split(tmp_path / "nowhere.json", items_of(1, 1, 1))


def test_a_name_that_several_files_share_is_not_guessed_at(tmp_path):
    """Naming the file alone does not say which of two patients is meant."""
    items = [{"image": f"/d/{p}/IM1.dcm", "patient": p} for p in "abc"]
    file = tmp_path / "s.json"
    file.write_text(json.dumps({"train": ["IM1.dcm"], "validation": ["b/IM1.dcm"], "test": ["c/IM1.dcm"]}))
    with pytest.raises(DataError, match=r"not the only ones of their name.*'IM1\.dcm'"):
        read_split(file, items)


def test_a_name_that_two_images_of_one_patient_share_stands_for_both(tmp_path):
    """A split file written for one digitisation keeps the people of the other in the same parts."""
    file = tmp_path / "s.json"
    file.write_text(json.dumps({"train": ["0.png"], "validation": ["1.png"], "test": ["2.png"]}))
    split = read_split(file, TWINS)
    assert images(split.test) == {"/d/old/images/2.png", "/d/new/images/2.png"}
    assert all(len(split.part(part)) == 2 for part in PARTS)


def test_a_split_file_names_paths_below_the_data_folder(tmp_path):
    """Not bare file names: two sources may have the same ones."""
    split = Split(TWINS[0:1] + TWINS[3:4], TWINS[1:2] + TWINS[4:5], TWINS[2:3])
    split.save(tmp_path / "s.json", root="/d")
    saved = json.loads((tmp_path / "s.json").read_text())
    assert saved["train"] == ["old/images/0.png", "new/images/0.png"]
    assert read_split(tmp_path / "s.json", TWINS) == split


def test_one_image_under_two_names_is_refused(tmp_path):
    """It would count twice in training."""
    file = tmp_path / "s.json"
    named = {"train": ["old/images/0.png", "d/old/images/0.png"], "validation": ["1.png"], "test": ["2.png"]}
    file.write_text(json.dumps(named))
    with pytest.raises(DataError, match=r"train names /d/old/images/0\.png by two names"):
        read_split(file, TWINS)


def test_an_image_in_another_folder_is_found_by_its_file_name_if_that_is_certain(tmp_path):
    """Only if asked for; of two names with one file name in different parts neither is taken."""
    file = tmp_path / "s.json"
    named = {"train": ["a/0.png", "a/1.png"], "validation": ["b/1.png"], "test": ["a/2.png", "b/2.png"]}
    file.write_text(json.dumps(named))
    assert part_finder(file)("/copied/0.png") is None
    find = part_finder(file, by_file_name=True)
    assert find("/copied/0.png") == "train"
    assert find("/copied/2.png") == "test"
    assert find("/copied/1.png") is None
    assert find("/copied/b/1.png") == "validation"


def test_a_split_is_the_same_in_any_order(tmp_path):
    """And another one where an image is in another part."""
    one = {"train": ["a.png", "b.png"], "validation": ["c.png"], "test": ["d.png"]}
    turned = {"test": ["d.png"], "train": ["b.png", "a.png"], "validation": ["c.png"]}
    moved = {"train": ["a.png", "d.png"], "validation": ["c.png"], "test": ["b.png"]}
    paths = [tmp_path / f"{number}.json" for number in range(3)]
    for path, content in zip(paths, (one, turned, moved), strict=True):
        path.write_text(json.dumps(content))
    assert same_split(paths[0], paths[1])
    assert not same_split(paths[0], paths[2])
    with pytest.raises(DataError, match="not a split file"):
        same_split(paths[0], tmp_path / "missing.json")
