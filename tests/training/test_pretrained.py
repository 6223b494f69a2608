"""Weights that a training starts from, and none that it goes on from."""

import hashlib
import json
import logging
import shutil

import pytest
import torch
from monai.bundle import ConfigParser
from safetensors.torch import load_file, save_file

from cxrtk import CheckpointError, ConfigError, bundles, models
from cxrtk.models import shipping
from cxrtk.training import checkpoints, open_run
from cxrtk.training.pretrained import read_pretrained


@pytest.fixture
def weights(trainer_in, tmp_path):
    """Other ones than those of the tests' trainings."""
    state = trainer_in(tmp_path).network.state_dict()
    return {name: value + 0.25 if value.is_floating_point() else value for name, value in state.items()}


@pytest.fixture(params=["weights.safetensors", "weights.pt", "checkpoint.pt", "run"])
def file(request, tmp_path, weights):
    """The same weights in each form: what is named, and the file that it means."""
    path = tmp_path / "from" / ("best.pt" if request.param == "run" else request.param)
    path.parent.mkdir()
    if path.suffix == ".safetensors":
        save_file(weights, path)
    elif request.param == "weights.pt":
        torch.save(weights, path)
    else:
        checkpoints.save({"model": weights, "progress": {"epoch": 3}}, path)
    return (path.parent if request.param == "run" else path), path


@pytest.fixture
def still(monkeypatch):
    """A training whose weights stay what they are at the start."""
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self, closure=None: None)


def learned(state):
    """All but the batch norm's means, which move without an optimizer."""
    return {
        name: value for name, value in state.items() if "running" not in name and "num_batches" not in name
    }


def same(one, other):
    one, other = learned(one), learned(other)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_new_run_starts_from_them(trainer_in, tmp_path, file, weights, still, caplog):
    """In whichever form; the record has the file's SHA-256, by hashlib, and no folder of the user's."""
    named, path = file
    run = open_run(str(tmp_path / "runs"), "small", "a")
    trainer = trainer_in(run, epochs=1, pretrained=str(named))
    assert not same(trainer.network.state_dict(), weights)
    with caplog.at_level(logging.INFO):
        trainer.run()
    assert same(trainer.network.state_dict(), weights)
    record = json.loads((tmp_path / "runs" / "a" / "run.json").read_text())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert record["pretrained"] == {"name": str(named), "file": path.name, "sha256": digest}
    assert any("Starting from the weights" in message for message in caplog.messages)


def test_a_run_that_goes_on_does_not_read_them(trainer_in, tmp_path, weights):
    """Its own weights are newer; the file may be gone."""
    path = tmp_path / "weights.safetensors"
    save_file(weights, path)
    for folder in ("once", "twice"):
        (tmp_path / folder).mkdir()
    once = trainer_in(tmp_path / "once", epochs=2, pretrained=str(path))
    once.run()
    trainer_in(tmp_path / "twice", epochs=1, pretrained=str(path)).run()
    path.unlink()
    twice = trainer_in(tmp_path / "twice", epochs=2, pretrained=str(path))
    twice.run()
    states = [trainer.network.state_dict() for trainer in (twice, once)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


@pytest.mark.parametrize("width", [3, 5])
def test_another_shape_is_one_line(trainer_in, tmp_path, width):
    """File, network and the first tensor that does not fit."""
    path = tmp_path / "other.safetensors"
    save_file(trainer_in(tmp_path, width=width).network.state_dict(), path)
    with pytest.raises(
        CheckpointError, match=r"other\.safetensors: belongs to a different network than this Net"
    ) as e:
        trainer_in(tmp_path, pretrained=str(path)).run()
    assert "0.weight is (4, 1, 3, 3) here and " in str(e.value) and "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("name", "file"), [("shipped", "lungs"), *((each, each) for each in models.shipped())]
)
def test_the_shipped_weights(name, file):
    """In 32 bits, and no tensors but those of the network that MONAI builds by their config."""
    about, path, state = read_pretrained(name, "best.pt")
    assert (path, about.sha256) == (models.shipped()[file], models.expected_sha256(path))
    stored = load_file(path)
    assert all(torch.equal(value, stored[key].float()) for key, value in state.items())
    assert {value.dtype for value in state.values() if value.is_floating_point()} == {torch.float32}
    config = json.loads((bundles.folder() / "lungs.json").read_text())
    network = ConfigParser({"in_channels": 1, "network_def": config["network_def"]})
    network.get_parsed_content("network_def").load_state_dict(state)


def test_shipped_weights_that_were_exchanged(tmp_path, monkeypatch, weights):
    """Are refused."""
    folder = tmp_path / "models"
    shutil.copytree(shipping.folder(), folder)
    save_file(weights, folder / "lungs.safetensors")
    monkeypatch.setattr(shipping, "folder", lambda: folder)
    with pytest.raises(CheckpointError, match="replaced; reinstall cxrtk"):
        read_pretrained("shipped", "best.pt")


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("none.safetensors", None, ConfigError, "--pretrained .*none.safetensors: no such file; use shipped"),
        ("bad.safetensors", b"damaged", CheckpointError, "bad.safetensors is damaged"),
        ("bad.pt", b"damaged", CheckpointError, "bad.pt is damaged"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, name, content, error, said):
    """The line gives the name and the remedy."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=said):
        read_pretrained(str(tmp_path / name), "best.pt")
