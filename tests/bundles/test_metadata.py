"""Metadata of the shipped configs: what each states is what its network takes and gives."""

import json
from pathlib import Path

import pytest

from cxrtk import ConfigError
from cxrtk.bundles.metadata import data_format, derived, issues, model_of, rewrite
from cxrtk.bundles.shipped import folder, metadata, shipped, stack
from cxrtk.models.model_file import CLASSIFICATION, ModelSpec

COMMANDS = Path(__file__).with_name("monai_commands.py")


def read(name: str) -> dict:
    return json.loads(metadata(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", list(shipped()))
def test_what_a_config_decides_is_what_its_metadata_say(name):
    """`make metadata` would change nothing."""
    assert issues(read(name), derived(stack(name))) == []


def test_each_config_has_metadata_and_no_other_file_does():
    """A config that is added or taken away takes its description along."""
    beside = {path.stem for path in (folder() / "metadata").glob("*.json")}
    assert beside == set(shipped()) - {"unet_cxr"} and metadata("unet_cxr") == folder() / "metadata.json"


@pytest.mark.parametrize(
    ("name", "given", "channels"),
    [
        ("unet_cxr", 3, {"0": "lungs"}),
        ("lungs", 1, {"0": "right_lung", "1": "left_lung", "2": "heart", "3": "lungs_with_heart"}),
        ("inference", 1, {"0": "right_lung", "1": "left_lung", "2": "heart", "3": "lungs_with_heart"}),
    ],
)
def test_the_channels_are_those_of_the_model(name, given, channels):
    """The paper's network takes three channels and gives one; the shipped model takes one and gives four."""
    told = read(name)["network_data_format"]
    assert told["inputs"]["image"]["num_channels"] == given
    assert told["outputs"]["pred"]["channel_def"] == channels
    assert told["outputs"]["pred"]["num_channels"] == len(channels)


def test_a_classifier_gives_no_image():
    """One logit a finding, in the order of the config, and no sides."""
    findings = json.loads(shipped()["chexnet_cxr"].read_text())["findings"]
    pred = read("chexnet_cxr")["network_data_format"]["outputs"]["pred"]
    assert list(pred["channel_def"].values()) == findings
    assert (pred["num_channels"], pred["spatial_shape"]) == (len(findings), [])


def test_a_difference_is_told_with_both_sides():
    """The entry, what the metadata say, and what the config says."""
    assert issues({"task": "a", "version": "1"}, {"task": "b", "version": "1"}) == [
        'task: "a" in the metadata, "b" by the config.'
    ]


def spec(*classes: str, task: str = "segmentation") -> ModelSpec:
    return ModelSpec("m", {}, classes, 64, task=task)


def test_own_classes_and_classifiers_are_described():
    """Names that cxrtk does not know stand as they are."""
    told = data_format(spec("rib", "clavicle", task=CLASSIFICATION), 32)
    assert told["outputs"]["pred"]["channel_def"] == {"0": "rib", "1": "clavicle"}
    assert told["inputs"]["image"]["spatial_shape"] == ["32*n", "32*n"]


def test_the_prose_is_kept(tmp_path):
    """What is derived is written anew; what an author wrote stands."""
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"description": "mine", "network_data_format": {}}))
    rewrite(path, stack("unet_cxr"))
    assert json.loads(path.read_text()) == {"description": "mine", **derived(stack("unet_cxr"))}


def test_a_computed_network_is_refused(tmp_path):
    """Nothing of a config is evaluated."""
    path = tmp_path / "c.json"
    path.write_text('{"image_size": 64, "in_channels": 1, "network_def": {"_target_": "$print(1)"}}')
    with pytest.raises(ConfigError):
        model_of([path])


@pytest.mark.slow
@pytest.mark.parametrize("name", list(shipped()))
def test_monais_commands_pass(name, fresh_python, tmp_path):
    """verify_metadata without a network, verify_net_in_out at 64 and 128 pixels, ckpt_export and onnx_export.

    In a fresh process; and they leave nothing in the working directory.
    """
    out = tmp_path / "out"
    out.mkdir()
    ended = fresh_python(COMMANDS, name, out, OMP_NUM_THREADS=1, PYTHONPATH=Path(__file__).parents[2])
    assert (ended.err[-2000:] if ended.code else "", ended.code) == ("", 0)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
