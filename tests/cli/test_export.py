"""`cxrtk export`: one file for cxrtk, or one for whoever has torch alone."""

import json

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet
from safetensors import safe_open

from cxrtk.models.find import find_model
from cxrtk.training import checkpoints

ARGUMENTS = {"spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4, 8], "strides": [2]}


@pytest.fixture
def run(tmp_path):
    """The files of a training: a config, a record, the best checkpoint."""
    folder = tmp_path / "runs" / "small-1"
    folder.mkdir(parents=True)
    network = {"_target_": "monai.networks.nets.UNet", **ARGUMENTS}
    config = {"network_def": network, "in_channels": 1, "image_size": 64}
    (folder / "config.json").write_text(json.dumps(config))
    settings = {"labels": "human masks, heart excluded", "dataset_dir": "/home/someone/secret"}
    (folder / "run.json").write_text(json.dumps({"settings": settings}))
    checkpoints.save({"model": UNet(**ARGUMENTS).state_dict(), "progress": {}}, folder / "best.pt")
    return folder


@pytest.mark.parametrize("given", ["", "best.pt"])
def test_a_run_becomes_a_model_file(cxrtk_command, run, tmp_path, given):
    """It segments as the run does, in 16 bits a weight, names itself, and holds no path of the user's."""
    output = tmp_path / "a.safetensors"
    ended = cxrtk_command("export", run / given, "-o", output, "--name", "mine")
    assert ended.code == 0 and f"Wrote {output}" in ended.out
    assert checkpoints.sha256(output) in ended.out
    before, after = find_model(str(run)), find_model(str(output))
    assert (after.spec.name, after.spec.classes, after.spec.image_size) == ("mine", ("lungs",), 64)
    for key, weights in before.network.state_dict().items():
        assert torch.equal(after.network.state_dict()[key], weights.half().float())
    assert b"secret" not in output.read_bytes()


def test_the_name_is_the_file_s_by_default(cxrtk_command, run, tmp_path):
    """The stem of the output file becomes the name of the model."""
    cxrtk_command("export", run, "-o", tmp_path / "ward.safetensors")
    assert find_model(str(tmp_path / "ward.safetensors")).spec.name == "ward"


def test_32_bits_where_asked(cxrtk_command, run, tmp_path):
    """Weights bit for bit."""
    cxrtk_command("export", run, "-o", tmp_path / "a.safetensors", "--full")
    state = find_model(str(run)).network.state_dict()
    with safe_open(tmp_path / "a.safetensors", "pt") as file:
        assert all(torch.equal(file.get_tensor(key), weights) for key, weights in state.items())


@pytest.mark.parametrize("model", ["run", "lung_model", "lungs"])
def test_any_model_becomes_a_state_dict(cxrtk_command, request, tmp_path, model):
    """Loaded with weights_only into MONAI's network, it gives the same logits as cxrtk."""
    given = model if model == "lungs" else request.getfixturevalue(model)
    assert cxrtk_command("export", given, "-o", tmp_path / "model.pt").code == 0
    state = torch.load(tmp_path / "model.pt", weights_only=True)
    found = find_model(str(given))
    definition = {key: value for key, value in found.spec.network.items() if not key.startswith("_")}
    network = UNet(**definition).eval()
    network.load_state_dict(state)
    image = torch.from_numpy(np.random.default_rng(0).random((1, 1, 64, 64), np.float32))
    assert torch.equal(network(image), found.network(image))


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_the_bytes_are_the_same_each_time(cxrtk_command, run, tmp_path, suffix):
    """Under another name too, and from a copy of the run in another place."""
    for folder in ("a", "b"):
        cxrtk_command("export", run, "-o", tmp_path / folder / f"m{suffix}")
    assert (tmp_path / "a" / f"m{suffix}").read_bytes() == (tmp_path / "b" / f"m{suffix}").read_bytes()


def test_a_model_file_keeps_what_it_knows(cxrtk_command, lung_model, tmp_path):
    """All but the name, and the same weights."""
    cxrtk_command("export", lung_model, "-o", tmp_path / "other.safetensors")
    before, after = find_model(str(lung_model)), find_model(str(tmp_path / "other.safetensors"))
    assert {**vars(after.spec), "name": "m"} == vars(before.spec)
    for key, weights in before.network.state_dict().items():
        assert torch.equal(after.network.state_dict()[key], weights)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "m.pth"), "ends in .safetensors, .pt, .onnx, .ts, .pt2 or .xml."),
        (("-o", "m.pt", "--format", "cxrtk"), "ends in .safetensors."),
        (("-o", "m.safetensors", "--format", "monai"), "ends in .pt."),
        (("-o", "m.pt", "--name", "x"), "holds no name"),
        (("-o", "there.pt"), "there.pt: exists"),
    ],
)
def test_what_cannot_be_done_is_one_line(cxrtk_command, run, tmp_path, monkeypatch, arguments, said):
    """An impossible export writes nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.pt").write_bytes(b"mine")
    ended = cxrtk_command("export", run, *arguments)
    assert ended.code == 2 and said in ended.err and len(ended.err.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "there.pt"}
    assert (tmp_path / "there.pt").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bundle", "b", "-o", "a.pt"], "are for single files, not for --bundle"),
        (["--bundle", "b", "--force"], "are for single files, not for --bundle"),
        (["--standalone", "-o", "a.pt"], "are for bundles; add --bundle DIR"),
        ([], "Name the file to write by -o, or a folder by --bundle"),
    ],
)
def test_options_of_files_and_of_bundles_are_not_mixed(cxrtk_command, words, said):
    """Nothing is written, and the message states which options belong together."""
    ended = cxrtk_command("export", "lungs", *words)
    assert ended.code == 2 and said in ended.err


def test_a_bundle_that_exists_is_kept(cxrtk_command, tmp_path):
    """An existing bundle is not overwritten; tests/bundles/zoo tests the content of bundles."""
    ended = cxrtk_command("export", "lungs", "--bundle", tmp_path)
    assert ended.code == 2 and "exists; name a folder that does not" in ended.err
