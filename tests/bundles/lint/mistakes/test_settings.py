"""Settings that no training can use, by file and line; sizes that the plugin of a network states."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cxrtk import networks
from cxrtk.bundles import shipped
from cxrtk.bundles.lint import lint
from cxrtk.bundles.lint.mistakes.settings import plain_values
from cxrtk.bundles.lint.tree import Node, build
from cxrtk.errors import ConfigError
from cxrtk.models.run_spec import output_shape


def said(files: list[str], **settings: Any) -> list[str]:
    known = shipped()
    named: Mapping[str, Any] = {key.replace("__", "#"): value for key, value in settings.items()}
    return [str(each) for each in lint([known[name] for name in files], named)]


@pytest.mark.parametrize(
    ("files", "settings", "line"),
    [
        (["unet_cxr"], {"max_epochs": 0}, "--set: max_epochs: 0 is out of range; it must be an integer"),
        (["unet_cxr"], {"batch_size": 0}, "--set: batch_size: 0 is out of range"),
        (["unet_cxr"], {"learning_rate": float("nan")}, "--set: learning_rate: nan is out of range"),
        (["unet_cxr"], {"optimizer__lr": -1}, "--set: optimizer#lr: -1 is out of range"),
        (["unet_cxr"], {"image_size": 100}, "--set: image_size: the network does not take images of 100"),
        (["unet_cxr"], {"network_def__name": "basic_unet", "image_size": 31}, "an integer, 32 or more"),
        (["unet_cxr", "basic_unet"], {"image_size": 31}, "--set: image_size: the network does not take"),
        (["unet_cxr"], {"device": "mps"}, "--set: device: there is no device 'mps'"),
        (["unet_cxr", "lungs"], {"max_epochs": 2}, "val_interval: 4 is more than max_epochs (2)"),
    ],
)
def test_one_line_a_misfit(files, settings, line):
    """With where the value stands."""
    (issue,) = said(files, **settings)
    assert line in issue


def test_a_misfit_of_a_file_has_its_line(tmp_path):
    """As any other issue."""
    overlay = tmp_path / "mine.json"
    overlay.write_text('{\n"config_name": "mine",\n"val_interval": 20\n}')
    (issue,) = lint([shipped()["unet_cxr"], overlay])
    assert (issue.line, issue.id) == (3, "val_interval")


@pytest.mark.parametrize(("name", "sizes"), [("paper_unet", (16, 48)), ("basic_unet", (32, 40))])
def test_what_plugins_state_is_true(name, sizes):
    """The network takes the smallest size and another allowed one, and refuses what lint refuses."""
    network = networks.create(name, in_channels=1, out_channels=1)
    for size in sizes:
        assert said(["unet_cxr"], network_def__name=name, image_size=size) == []
        assert output_shape(network, 1, size)[-1] == size
    assert said(["unet_cxr"], network_def__name=name, image_size=24)
    with pytest.raises(ConfigError, match="does not take 1 channels of 24 x 24"):
        output_shape(network, 1, 24)


def test_values_of_a_tree():
    """The same as were put in; what is shared stays one object, so that aliases do not multiply it."""
    content = {"a": [1, {"b": None}], "c": {"d": [[], {}]}}
    assert plain_values(build(content, "x.json")) == content
    node = Node([Node(1, "x")], "x")
    for _ in range(60):
        node = Node([node, node], "x")
    found = plain_values(node)
    assert found[0] is found[1]
    assert json.dumps(plain_values(build([], "x"))) == "[]"
