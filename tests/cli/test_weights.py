"""`cxrtk weights`: a checkpoint's weights in a format that holds nothing else."""

import json
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch

from cxrtk.models.find import find_model
from cxrtk.models.network_def import build_network
from cxrtk.training import checkpoints

WEIGHTS = {"0.weight": torch.arange(6.0).reshape(2, 3), "1.num_batches_tracked": torch.tensor(7)}


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    """A whole state of a training."""
    state = {"model": WEIGHTS, "optimizer": {"lr": 0.1}, "settings": {"dataset_dir": "/home/someone/secret"}}
    checkpoints.save(state, tmp_path / "checkpoint_epoch=1.pt")
    return tmp_path / "checkpoint_epoch=1.pt"


def test_the_weights_and_nothing_else(cxrtk_command, checkpoint, tmp_path):
    """Read by safetensors itself: equal tensors, no optimizer, no path of the user's."""
    output = tmp_path / "new" / "model.safetensors"
    ended = cxrtk_command("weights", checkpoint, "--output", output)
    assert (ended.code, ended.out) == (0, f"Wrote {output}.\n")
    assert "is not in a run's folder, so model.safetensors holds only weights: --model does not" in ended.err
    loaded = safetensors.torch.load_file(output)
    assert loaded.keys() == WEIGHTS.keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in WEIGHTS.items())
    with safetensors.safe_open(output, "pt") as file:
        assert file.metadata() == {"format": "pt"}
    assert b"secret" not in output.read_bytes()


def test_a_file_is_replaced_by_force_only(cxrtk_command, checkpoint, tmp_path):
    """Otherwise it stays, and the way out is named."""
    output = tmp_path / "model.safetensors"
    output.write_bytes(b"old")
    ended = cxrtk_command("weights", checkpoint, "-o", output)
    assert ended.code == 2 and f"{output}: exists; name another file, or add --force" in ended.err
    assert output.read_bytes() == b"old"
    assert cxrtk_command("weights", checkpoint, "-o", output, "--force").code == 0
    assert safetensors.torch.load_file(output).keys() == WEIGHTS.keys()


@pytest.mark.parametrize("name", ["model.pt", "model", "model.safetensors.bak"])
def test_another_suffix_is_refused(cxrtk_command, checkpoint, tmp_path, name):
    """Programs choose the format by it."""
    ended = cxrtk_command("weights", checkpoint, "-o", tmp_path / name)
    assert ended.code == 2 and "ends in .safetensors" in ended.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no such checkpoint"), (b"damaged", "is damaged"), ({"net": {}}, "has no 'model'")],
)
def test_a_checkpoint_without_weights(cxrtk_command, tmp_path, content, said):
    """One line with the file, exit code 5, and no output."""
    file = tmp_path / "a.pt"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        checkpoints.save(content, file)
    ended = cxrtk_command("weights", file, "-o", tmp_path / "a.safetensors")
    assert ended.code == 5 and str(file) in ended.err and said in ended.err
    assert len(ended.err.splitlines()) == 1 and not (tmp_path / "a.safetensors").exists()


def test_of_a_run_it_is_what_model_takes(cxrtk_command, tmp_path):
    """Its classes and size are in the header; the weights keep every bit, which `export` rounds to 16."""
    definition = {"_target_": "BasicUNet", "spatial_dims": 2, "in_channels": 1, "out_channels": 1}
    network = build_network({**definition, "features": [4] * 6})
    run = tmp_path / "runs" / "mine"
    run.mkdir(parents=True)
    config = {"network_def": {**definition, "features": [4] * 6}, "in_channels": 1, "image_size": 32}
    (run / "config.json").write_text(json.dumps(config))
    (run / "run.json").write_text(json.dumps({"settings": {"labels": "human masks, heart included"}}))
    checkpoints.save({"model": network.state_dict(), "progress": {}}, run / "best.pt")
    output = tmp_path / "lungs.safetensors"
    ended = cxrtk_command("weights", run / "best.pt", "-o", output)
    assert (ended.code, ended.err) == (0, "")
    model = find_model(str(output))
    assert (model.spec.name, model.spec.image_size, model.spec.heart) == ("lungs", 32, "included")
    loaded = safetensors.torch.load_file(output)
    assert all(torch.equal(loaded[name], value) for name, value in network.state_dict().items())


def test_weights_alone_are_no_model(cxrtk_command, checkpoint, tmp_path):
    """The error names the command that makes one."""
    cxrtk_command("weights", checkpoint, "-o", tmp_path / "a.safetensors")
    (tmp_path / "a.png").write_bytes(b"")
    command = ("segment", "-i", tmp_path / "a.png", "-o", tmp_path / "out")
    ended = cxrtk_command(*command, "--model", tmp_path / "a.safetensors")
    assert ended.code == 5 and "the file that `cxrtk export` writes" in ended.err
