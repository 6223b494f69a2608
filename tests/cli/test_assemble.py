"""`cxrtk assemble`: plugin names in, a config that MONAI reads out."""

import json

import pytest
import yaml

PLUGINS = ["--reader", "image_mask_folder", "--network", "basic_unet", "--metrics", "iou,dice"]
MASK = """
from cxrtk import masks

@masks.register("dark")
def dark():
    return lambda image: (image < 0.5).float()
"""


@pytest.fixture
def words(plugin_folder):
    """The command less its output, with a mask generator that is dropped in."""
    plugin_folder.write("masks", "dark", MASK)
    return ["assemble", *PLUGINS, "--masks", "dark"]


@pytest.mark.parametrize(("name", "read"), [("a.json", json.loads), ("a.yaml", yaml.safe_load)])
def test_names_reach_their_places(cxrtk_command, words, tmp_path, name, read):
    """Reader, generator, network and metrics stand where a bundle has them, in the suffix's format."""
    ended = cxrtk_command(
        *words, "--set", "max_epochs=3", "--set", "optimizer#lr=0.01", "-o", tmp_path / name
    )
    assert ended.code == 0, ended.err
    config = read((tmp_path / name).read_text())
    assert config["reader"]["name"] == "image_mask_folder"
    assert config["mask_generator"]["name"] == "dark"
    assert config["network_def"]["name"] == "basic_unet"
    assert list(config["validate"]["key_metric"]) == ["iou"]
    assert "dice" in config["validate"]["additional_metrics"]
    assert (config["max_epochs"], config["optimizer"]["lr"]) == (3, 0.01)
    assert f"python -m monai.bundle run --config_file {tmp_path / name}" in ended.out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--network", "basic_unt"], "Did you mean 'basic_unet'?"),
        (["--set", "max_epoch=3"], "max_epoch"),
        (["--set", "max_epochs"], "id=value"),
        (["--metrics", ","], "metric"),
        (["--metrics", "dice,dicee"], "Did you mean 'dice'?"),
        (["-o", "a.toml"], ".json"),
    ],
)
def test_mistakes_are_one_line(cxrtk_command, changed, words, tmp_path, monkeypatch, change, message):
    """A wrong argument gives one line and exit code 2, and writes no file."""
    monkeypatch.chdir(tmp_path)
    ended = cxrtk_command(*changed([*words, "-o", "a.json"], change))
    assert ended.code == 2
    assert ended.err.startswith("cxrtk: error: ") and ended.err.count("\n") == 1
    assert message in ended.err
    assert not list(tmp_path.glob("a.*"))


def test_a_file_is_replaced_only_by_force(cxrtk_command, words, tmp_path):
    """An existing config stays, unless --force is given."""
    file = tmp_path / "a.json"
    file.write_text("precious")
    ended = cxrtk_command(*words, "-o", file)
    assert ended.code == 2 and "--force" in ended.err and file.read_text() == "precious"
    assert cxrtk_command(*words, "-o", file, "--force").code == 0
    assert json.loads(file.read_text())["network_def"]["name"] == "basic_unet"
