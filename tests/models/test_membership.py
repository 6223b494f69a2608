"""Which images a run trained on."""

import json

import pytest

from cxrtk.errors import ConfigError
from cxrtk.models import membership

NAMES = {"train": ["a.png", "b.png"], "validation": ["c.png"], "test": ["sub/d.png"]}


def items(folder, *names):
    return [{"image": str(folder / name), "patient": name} for name in names]


@pytest.fixture
def run(tmp_path):
    """A run's folder whose data lay in ``tmp_path / data``."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "splits.json").write_text(json.dumps(NAMES))
    record = {"working_directory": str(tmp_path), "settings": {"dataset_dir": "data"}}
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "best.pt").touch()
    return folder


def known(run, listed):
    return membership.known_parts(membership.splits_beside(str(run)), listed)


def test_the_split_lies_beside_the_model(run):
    """Of a run, of its checkpoint; of a file elsewhere there is none."""
    assert membership.splits_beside(str(run)) == run / "splits.json"
    assert membership.splits_beside(str(run / "best.pt")) == run / "splits.json"
    assert membership.splits_beside(str(run.parent / "model.safetensors")) is None


def test_the_split_of_a_shipped_model_ships_with_it(run, monkeypatch):
    """Its name is no path: what lies in the working directory is another's."""
    monkeypatch.chdir(run)
    splits = membership.splits_beside("lungs")
    assert splits is not None and splits.name == "lungs.splits.json" and splits.parent.name == "models"


def test_the_split_of_a_model_file(tmp_path):
    """Its own comes before that of the folder it lies in."""
    model = tmp_path / "m.safetensors"
    model.touch()
    assert membership.splits_beside(str(model)) is None
    for name in ("splits.json", "m.splits.json"):
        (tmp_path / name).touch()
        assert membership.splits_beside(str(model)) == tmp_path / name


def test_parts_by_name(run, tmp_path):
    """A bare name anywhere, a path by its end; an image of no part is in none."""
    listed = items(tmp_path / "data", "images/a.png", "c.png", "x/sub/d.png", "d.png", "e.png")
    found = known(run, listed)
    assert [found.parts.get(item["image"]) for item in listed] == ["train", "validation", "test", None, None]
    assert found.certain


def test_copies_in_another_folder_are_found_by_their_file_names(run, tmp_path):
    """A split names paths below the data folder; a flat copy of its images was trained on all the same."""
    listed = items(tmp_path / "copied", "a.png", "d.png", "e.png")
    found = known(run, listed)
    assert [found.parts.get(item["image"]) for item in listed] == ["train", "test", None]
    assert not found.certain


def test_the_test_part_is_chosen_of_a_run_that_used_the_images(run, tmp_path):
    """And all of a set that it has never seen, or where all are asked for."""
    seen = items(tmp_path / "data", "a.png", "c.png", "sub/d.png")
    strange = items(tmp_path / "data", "x.png", "y.png")
    assert membership.choose(seen, known(run, seen), "auto") == seen[2:]
    assert membership.choose(seen, known(run, seen), "validation") == seen[1:2]
    assert membership.choose(seen, known(run, seen), "all") == seen
    assert membership.choose(strange, known(run, strange), "auto") == strange


def test_a_part_that_is_not_known_is_an_error(run, tmp_path):
    """Never all images in place of the test part."""
    strange = items(tmp_path / "data", "x.png")
    with pytest.raises(ConfigError, match="names none of these images in its test part"):
        membership.choose(strange, known(run, strange), "test")
    with pytest.raises(ConfigError, match=r"no splits\.json"):
        membership.choose(strange, membership.SplitMembership(), "test")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["test", "test"], []),
        (["train", "train", "test"], ["TRAINED on 2 of these 3"]),
        (["validation", "train"], ["TRAINED on 1 of these 2", "1 of these 2 images were used to select"]),
    ],
)
def test_images_that_were_trained_on_are_flagged(run, tmp_path, parts, said):
    """One plain sentence for each kind."""
    warnings = membership.leakage_warnings(parts, known(run, items(tmp_path / "data", "a.png")))
    assert len(warnings) == len(said)
    assert all(words in warning for words, warning in zip(said, warnings, strict=True))


def test_what_is_not_certain_is_said(run, tmp_path):
    """Equal names in another folder; a model without a split."""
    elsewhere = known(run, items(tmp_path / "copy", "a.png"))
    assert "names alone" in membership.leakage_warnings(["train"], elsewhere)[-1]
    assert "It is unknown" in membership.leakage_warnings(["", ""], membership.SplitMembership())[0]
