"""Networks from plain values: MONAI's, by any name that MONAI knows, and those of plugins; nothing else."""

import json
import socket

import pytest
import torch

from cxrtk import ConfigError
from cxrtk.errors import PluginNotFound
from cxrtk.models.network_def import build_network

BASIC = {"spatial_dims": 2, "in_channels": 1, "out_channels": 1, "features": [4, 4, 4, 4, 4, 4]}
TARGETS = [
    "BasicUNet",
    "BasicUnet",  # an alias that MONAI keeps
    "monai.networks.nets.BasicUNet",
    "monai.networks.nets.basic_unet.BasicUNet",
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_network_of_monai_has_many_names(target):
    """The same class as MONAI's own resolution gives, with the arguments of the definition."""
    from monai.bundle import ConfigParser

    ours = build_network({"_target_": target, **BASIC})
    theirs = ConfigParser({"net": {"_target_": target, **BASIC}}).get_parsed_content("net")
    assert type(ours) is type(theirs)
    shapes = [{name: value.shape for name, value in each.state_dict().items()} for each in (ours, theirs)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "monai.networks.nets.os",
        "monai.networks.nets.unet.nn.Linear",  # reached through MONAI, but not MONAI's
        "monai.networks.nets.Transchex",  # downloads
        "monai.networks.utils.copy_model_state",
        "monai.transforms.LoadImage",
        "LoadImage",
        "nn",
        "subprocess.run",
        "",
        "torch.hub.load",
        "torch.nn.Conv2d",
    ],
)
def test_no_other_target_is_called(target):
    """Whatever a file from elsewhere says; a network of one's own is to be a plugin."""
    with pytest.raises(ConfigError, match=r"must be monai\.networks\.nets.*cxrtk new networks NAME"):
        build_network({"_target_": target, "command": "true"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"features": [4, 4]}, "The network BasicUNet cannot be built: "),
        ({"colour": 1}, "unexpected keyword argument 'colour'"),
        ({"act": {"_target_": "ReLU"}}, "takes plain values only, and 'act' holds a _target_"),
        ({"_mode_": "callable"}, "remove _mode_ and _disabled_"),
        ({"_disabled_": True}, "remove _mode_ and _disabled_"),
    ],
)
def test_arguments_that_make_no_network(change, said):
    """One line, as of a wrong setting."""
    with pytest.raises(ConfigError) as caught:
        build_network({"_target_": "BasicUNet", **BASIC, **change})
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_networks_of_plugins():
    """By name; a name that does not exist is the registry's error."""
    network = build_network({"_target_": "cxrtk.networks.create", "name": "basic_unet", "in_channels": 1})
    assert type(network).__name__ == "BasicUNet"
    with pytest.raises(PluginNotFound, match="basic_unet"):
        build_network({"_target_": "cxrtk.networks.create", "name": "basic_unt"})
    with pytest.raises(ConfigError, match="unexpected keyword argument 'colour'"):
        build_network({"_target_": "cxrtk.networks.create", "name": "basic_unet", "colour": 1})


@pytest.mark.parametrize("asked", [{}, {"pretrained": True}])
def test_no_weights_are_downloaded(monkeypatch, asked):
    """Also where a network of MONAI does so by default, and where the config asked for it in training."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)
    build_network({"_target_": "EfficientNetBN", "model_name": "efficientnet-b0", "spatial_dims": 2, **asked})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_trains_by_a_short_name_is_used_by_every_verb(fresh_python, tmp_path):
    """SegResNet, as MONAI's bundles name it: trained, it segments, is exported and evaluated."""
    definition = {"_target_": "SegResNet", "spatial_dims": 2, "out_channels": 1, "init_filters": 8}
    settings = {
        "dataset_dir": "ph", "image_size": 32, "max_epochs": 1, "batch_size": 4, "run_name": "r",
        "network_def": {**definition, "in_channels": "@in_channels"},
    }  # fmt: skip
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={json.dumps(value)}")]
    sure = ("--dataset_dir", "ph", "-o", "scores", "-q")
    segment = ("segment", "-i", "ph/images", "-q")
    for command in (
        ("phantom", "ph", "--count", 12, "--size", 64),
        ("train", "unet_cxr", *words),
        (*segment, "-o", "by_run", "--model", "runs/r"),
        ("export", "runs/r", "-o", "r.safetensors", "--full"),
        (*segment, "-o", "by_file", "--model", "r.safetensors"),
        ("evaluate", "--model", "runs/r", *sure),
    ):
        ended = fresh_python("-m", "cxrtk", *command)
        assert ended.code == 0, (command, ended.err)
    masks = sorted((tmp_path / "by_run").glob("*.png"))
    assert len(masks) == 12
    assert all(each.read_bytes() == (tmp_path / "by_file" / each.name).read_bytes() for each in masks)
