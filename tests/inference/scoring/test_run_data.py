"""The data of a run, found again from its folder."""

import json

import pytest

from cxrtk import ConfigError, readers
from cxrtk.data.datalist import DataLists
from cxrtk.inference.scoring.run_data import datalists_of_run


@pytest.fixture
def run(cxrtk_data, tmp_path):
    """A folder as a run leaves it: its config states the reader with references."""
    arguments = {"name": "image_mask_folder", "root": "@data_root", "heart": "@convention"}
    config = {
        "reader": {"_target_": "cxrtk.readers.create", **arguments},
        "convention": "excluded",
        "data_root": "$cxrtk.data.dataset_or_sample(@dataset_dir)",
        "dataset_dir": str(cxrtk_data / "jsrt"),
        "labels": "files",
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    reader = readers.create("image_mask_folder", root=cxrtk_data / "jsrt", heart="excluded")
    DataLists(reader, "files", seed=5, save_to=str(tmp_path))
    return tmp_path


def change(run, **values):
    path = run / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_the_split_is_the_runs(run):
    """The parts as splits.json names them, and a reader that reads them."""
    reader, lists = datalists_of_run(run)
    names = json.loads((run / "splits.json").read_text())
    assert [entry["image"].rsplit("/", 1)[1] for entry in lists.validation] == names["validation"]
    assert reader.read_label(lists.train[0]["label"]).heart == "excluded"


def test_data_that_moved(run, cxrtk_data):
    """Named again."""
    change(run, dataset_dir="/nowhere")
    _, lists = datalists_of_run(run, str(cxrtk_data / "jsrt"))
    assert len(lists.test) == 56


def test_other_data_is_refused(run, cxrtk_data):
    """A split of other images."""
    with pytest.raises(Exception, match=r"splits\.json"):
        datalists_of_run(run, str(cxrtk_data / "openist"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"dataset_dir": ""}, "built-in sample"),
        ({"convention": "$__import__('os').getcwd()"}, "is computed"),
        ({"reader": {"_target_": "os.system"}}, "not made by cxrtk.readers.create"),
    ],
)
def test_nothing_is_evaluated(run, values, words):
    """What is no plain value is refused."""
    change(run, **values)
    with pytest.raises(ConfigError, match=words):
        datalists_of_run(run)


def test_no_run(tmp_path):
    """A folder without a config."""
    with pytest.raises(ConfigError, match="is not a run"):
        datalists_of_run(tmp_path)
