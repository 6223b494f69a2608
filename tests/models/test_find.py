"""Models by name: files, runs and checkpoints; what is none of them is said."""

import json

import pytest
import torch

from cxrtk import models
from cxrtk.errors import CheckpointError, ConfigError
from cxrtk.models import run_spec
from cxrtk.models.find import find_model, members, path_of
from cxrtk.models.network_def import build_network
from cxrtk.training import checkpoints

NETWORK = {
    "_target_": "monai.networks.nets.UNet",
    "_mode_": "default",
    "spatial_dims": 2,
    "in_channels": "@in_channels",
    "out_channels": 4,
    "channels": [4, 8, 8],
    "strides": [2, 2],
}


@pytest.fixture
def run(tmp_path, network):
    """A run's folder as a training leaves it, as far as this needs it."""
    folder = tmp_path / "lungs-1"
    folder.mkdir()
    config = {"network_def": NETWORK, "in_channels": 1, "image_size": 64}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "run.json").write_text(json.dumps({"settings": {"labels": "human masks, heart excluded"}}))
    checkpoints.save({"model": network.state_dict(), "progress": {}}, folder / "best.pt")
    return folder


@pytest.mark.parametrize("file", ["", "best.pt"])
def test_a_run_and_its_checkpoint(run, network, file):
    """The network of its config, the weights of its best epoch, classes by the number of outputs."""
    model = find_model(str(run / file))
    image = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(model.network(image), network(image))
    assert model.spec.classes == ("right_lung", "left_lung", "heart", "lungs_with_heart")
    assert (model.spec.name, model.spec.image_size, model.spec.heart) == ("lungs-1", 64, "excluded")
    assert model.sha256 == checkpoints.sha256(run / "best.pt")


def test_the_network_is_built_once(run, monkeypatch):
    """Large ones take a while."""
    built = []
    monkeypatch.setattr(run_spec, "build_network", lambda given: built.append(given) or build_network(given))
    find_model(str(run))
    assert len(built) == 1


@pytest.mark.parametrize(
    ("outputs", "labels", "heart"),
    [
        (1, "human masks, heart excluded", "excluded"),
        (1, "human masks, heart included", "included"),
        (4, "human masks, heart excluded; human masks, heart included", "excluded"),
    ],
)
def test_the_convention_on_the_heart(tmp_path, outputs, labels, heart):
    """That of the run's masks; a model of single lungs leaves the heart out, whatever they were."""
    definition = {**NETWORK, "out_channels": outputs}
    config = {"network_def": definition, "in_channels": 1, "image_size": 64}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "run.json").write_text(json.dumps({"settings": {"labels": labels}}))
    network = build_network({**definition, "in_channels": 1})
    checkpoints.save({"model": network.state_dict(), "progress": {}}, tmp_path / "best.pt")
    assert find_model(str(tmp_path)).spec.heart == heart


def test_a_shipped_model(tmp_path, monkeypatch):
    """By its name, also where a folder has the same."""
    (tmp_path / "lungs").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_model("lungs").sha256 == models.expected_sha256(models.shipped()["lungs"])


def test_a_model_file(model_file, spec):
    """As it was saved."""
    assert find_model(str(model_file)).spec == spec


def test_an_expression_in_the_config_is_refused(run):
    """Not evaluated: a config is code, and segmenting needs none."""
    config = json.loads((run / "config.json").read_text())
    config["network_def"]["out_channels"] = "$__import__('os').mkdir('evaluated') or 4"
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="plain values"):
        find_model(str(run))


def test_weights_of_another_network(run):
    """Named, with the network's class."""
    config = json.loads((run / "config.json").read_text())
    config["network_def"]["channels"] = [4, 8, 16]
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match="different network than this UNet"):
        find_model(str(run))


def test_outputs_that_nothing_names(run):
    """Two classes could be anything."""
    config = json.loads((run / "config.json").read_text())
    config["network_def"]["out_channels"] = 2
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="2 outputs"):
        find_model(str(run))


def test_a_checkpoint_alone(run, tmp_path):
    """Says nothing about its network."""
    (run / "best.pt").rename(tmp_path / "best.pt")
    with pytest.raises(ConfigError, match=r"config\.json"):
        find_model(str(tmp_path / "best.pt"))


def test_no_model(tmp_path):
    """The name, and what it could be."""
    with pytest.raises(ConfigError, match=r"No model 'lungz'.*safetensors.*best\.pt.*shipped models: lungs"):
        find_model("lungz")


def test_a_path_that_holds_a_plus_is_one_model(tmp_path):
    """What is there is not cut; what is not is an ensemble."""
    (tmp_path / "a+b").mkdir()
    assert members(str(tmp_path / "a+b")) == [str(tmp_path / "a+b")]
    assert members("a + b+c") == ["a", "b", "c"]


def test_a_shipped_model_lies_in_the_package(tmp_path, monkeypatch):
    """Wherever it is asked for."""
    monkeypatch.chdir(tmp_path)
    assert path_of("lungs") == models.shipped()["lungs"].resolve()
    assert path_of("runs/a") == tmp_path.resolve() / "runs" / "a"
