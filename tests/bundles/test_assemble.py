"""Plugin names and settings become a config that MONAI reads."""

import copy
import errno
import json
from pathlib import Path

import pytest
import yaml
from monai.bundle import ConfigParser

from cxrtk import ConfigError, PluginNotFound, StorageError
from cxrtk.bundles import assemble, set_id, shipped, write

NAMES = {"reader": "nih_png", "masks": "dark", "network": "basic_unet", "metrics": ["iou", "dice"]}
DARK = """
from cxrtk import masks

@masks.register("{name}")
def dark():
    return lambda image: (image < 0.5).float()
"""
ROOTLESS = """
from cxrtk import Reader, readers

@readers.register("rootless")
class Rootless(Reader):
    def items(self):
        return []
    def read(self, path):
        raise NotImplementedError
"""
CONFIG = {
    "max_epochs": 10,
    "reader": {"_target_": "cxrtk.readers.create", "name": "nih_png"},
    "train": {"handlers": [{"_target_": "A", "x": 1}, {"_target_": "B"}], "epochs": 3},
}


@pytest.fixture(autouse=True)
def dark(plugin_folder):
    """A mask generator that is dropped in."""
    plugin_folder.write("masks", "dark", DARK.format(name="dark"))
    return plugin_folder


def test_the_papers_plugins_give_the_shipped_config():
    """The shipped file is nothing that `assemble` does not write."""
    config = assemble(
        reader="nih_png",
        masks="mean_threshold",
        network="paper_unet",
        metrics=["dice", "iou", "pixel_accuracy"],
    )
    assert config == json.loads(shipped()["unet_cxr"].read_text(encoding="utf-8"))


def test_names_and_settings_reach_their_places():
    """And nothing else changes but the name of the runs."""
    config = assemble(**NAMES, settings={"max_epochs": 3, "optimizer#lr": 0.01}, config_name="mine")
    pattern = json.loads(shipped()["unet_cxr"].read_text(encoding="utf-8"))
    assert config["reader"]["name"] == "nih_png" and config["mask_generator"]["name"] == "dark"
    assert config["network_def"]["name"] == "basic_unet" and config["config_name"] == "mine"
    assert (config["max_epochs"], config["optimizer"]["lr"]) == (3, 0.01)
    changed = {key for key in pattern if config[key] != pattern[key]}
    assert changed == {
        *{"config_name", "mask_generator", "network_def", "max_epochs", "optimizer"},
        *{"validate", "test"},  # the metrics
    }


def test_the_first_metric_chooses_the_checkpoint_and_every_engine_has_all():
    """After MONAI's macros: training and validation have iou, dice and the loss; the test has no loss."""
    parser = ConfigParser(assemble(**NAMES))
    parser.resolve_macro_and_relative_ids()
    for part, others in (("train", ["dice", "loss"]), ("validate", ["dice", "loss"]), ("test", ["dice"])):
        assert list(parser[f"{part}#key_metric"]) == ["iou"]
        assert list(parser[f"{part}#additional_metrics"]) == others
        assert parser[f"{part}#key_metric#iou#metric_fn#name"] == "iou"
        assert parser[f"{part}#additional_metrics#dice#metric_fn#name"] == "dice"


def test_one_metric_is_enough():
    """Then the loss is the only one beside it."""
    config = assemble(**{**NAMES, "metrics": ["pixel_accuracy"]})
    assert list(config["validate"]["key_metric"]) == ["pixel_accuracy"]
    assert list(config["validate"]["additional_metrics"]) == ["loss"]
    assert config["test"]["additional_metrics"] == {}


@pytest.mark.parametrize("name", ["mine.json", "mine.yaml", "mine.yml"])
def test_what_is_written_is_read_back_by_monai(tmp_path, name):
    """The same config, in either format."""
    config = assemble(**NAMES)
    write(config, tmp_path / name)
    assert ConfigParser.load_config_file(tmp_path / name) == config


def test_yaml_has_no_anchors(tmp_path):
    """What is equal is written out twice, so that a reader need not know YAML's references."""
    config = assemble(**NAMES)
    config["train"]["again"] = config["train"]["trainer"]
    write(config, tmp_path / "mine.yaml")
    text = (tmp_path / "mine.yaml").read_text()
    assert "&id" not in text and "*id" not in text
    assert yaml.safe_load(text) == config


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"network": "basic_unt"}, PluginNotFound, "Did you mean 'basic_unet'"),
        ({"reader": "nih_pgn"}, PluginNotFound, "Did you mean 'nih_png'"),
        ({"masks": "drak"}, PluginNotFound, "Did you mean 'dark'"),
        ({"metrics": ["dice", "icu"]}, PluginNotFound, "'icu'"),
        ({"metrics": []}, ConfigError, "at least one metric"),
        ({"metrics": ["dice", "dice"]}, ConfigError, "each once"),
        ({"reader": "rootless"}, ConfigError, "has no argument root"),
        ({"settings": {"max_epoch": 3}}, ConfigError, r"no id 'max_epoch'.*Did you mean 'max_epochs'\?"),
        ({"settings": {"train#trainer": {}, "trian#x": 1}}, ConfigError, r"Did you mean 'train'\?"),
    ],
)
def test_a_mistake_is_said(dark, change, error, message):
    """By name, with the nearest that there is."""
    dark.write("readers", "rootless", ROOTLESS)
    with pytest.raises(error, match=message):
        assemble(**{**NAMES, **change})


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("max_epochs", lambda c: c["max_epochs"]),
        ("reader#name", lambda c: c["reader"]["name"]),
        ("reader::name", lambda c: c["reader"]["name"]),
        ("reader#views", lambda c: c["reader"]["views"]),  # an argument that was not named before
        ("train#handlers#0#x", lambda c: c["train"]["handlers"][0]["x"]),
        ("train#handlers#1", lambda c: c["train"]["handlers"][1]),
        ("train#epochs", lambda c: c["train"]["epochs"]),
    ],
)
def test_set_id_changes_one_place(path, where):
    """The value stands there, and the rest is as before."""
    config = copy.deepcopy(CONFIG)
    set_id(config, path, "new")
    assert where(config) == "new"
    assert json.dumps(config).count("new") == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("max_epoch", r"no 'max_epoch'\. Did you mean 'max_epochs'\?"),
        ("zzz", "Available: max_epochs, reader, train"),
        ("readr#name", r"Did you mean 'reader'\?"),
        ("reader#view#x", "no 'view'"),
        ("train#handler#0", r"Did you mean 'handlers'\?"),
        ("train#handlers#2", "no '2'"),
        ("train#handlers#-1", "no '-1'"),
        ("train#new", "no 'new'"),
        ("max_epochs#x", "no 'x'"),
        ("", "no ''"),
    ],
)
def test_set_id_makes_no_new_places(path, message):
    """A mistyped id is an error and changes nothing; only an argument of a component may be new."""
    config = copy.deepcopy(CONFIG)
    with pytest.raises(ConfigError, match=message):
        set_id(config, path, "new")
    assert config == CONFIG


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine.toml", r"ends in \.json, \.yaml or \.yml"),
        ("file/mine.json", "cannot be written: File exists"),
    ],
)
def test_a_file_that_cannot_be_written_is_an_error(tmp_path, name, message):
    """Its path and the reason, in one line."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=message) as caught:
        write(CONFIG, tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert list(tmp_path.glob("mine*")) == []


def test_a_missing_folder_is_made_and_nothing_else_is_left_in_it(tmp_path):
    """Of the temporary file only the config stays."""
    write(CONFIG, tmp_path / "new" / "folder" / "mine.json")
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["mine.json"]


def test_a_config_that_stands_survives_a_write_that_fails(tmp_path, monkeypatch):
    """A full disk leaves the old file as it was."""
    path = tmp_path / "here" / "mine.json"
    path.parent.mkdir()
    path.write_text("old")

    def full(_self, *_arguments, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StorageError, match="no space left"):
        write(CONFIG, path)
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]
