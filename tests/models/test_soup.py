"""The mean of several networks' weights: by hand, and what has no mean."""

from dataclasses import replace

import pytest
import torch
from monai.networks.nets import UNet

from cxrtk.errors import ConfigError
from cxrtk.models.model_file import Model, ModelSpec
from cxrtk.models.soup import mean_of_weights

ARGUMENTS = {
    "spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4, 8], "strides": [2],
    "norm": "batch",
}  # fmt: skip
SPEC = ModelSpec("m", {"_target_": "monai.networks.nets.UNet", **ARGUMENTS}, ("lungs",), image_size=32)


def model(seed, **changes):
    """A small network with random weights of a seed, and running means of its batches."""
    torch.manual_seed(seed)
    network = UNet(**ARGUMENTS).train()
    network(torch.randn(2, 1, 32, 32))
    return Model(replace(SPEC, name=f"m{seed}", **changes), network.eval(), f"sha{seed}")


def copied(model):
    """The weights before anything changes them."""
    return {name: value.clone() for name, value in model.network.state_dict().items()}


def test_each_weight_and_buffer_is_the_mean():
    """Of three networks, by hand; the count of batches is an integer."""
    members = [model(0), model(1), model(2)]
    states = [copied(each) for each in members]
    found = mean_of_weights(members).network.state_dict()
    for name, value in found.items():
        mean = (states[0][name].double() + states[1][name].double() + states[2][name].double()) / 3
        torch.testing.assert_close(value.double(), mean, rtol=1e-6, atol=1e-7, msg=name)
        assert value.dtype == states[0][name].dtype


def test_the_network_computes_with_the_mean():
    """Of a network and its negative last layer, which leaves nothing."""
    one, other = model(0), model(0)
    names = [name for name in other.network.state_dict() if name.startswith("model.2")]
    changed = {n: -v if n in names and v.is_floating_point() else v for n, v in copied(other).items()}
    other.network.load_state_dict(changed)
    found = mean_of_weights([one, replace(other, sha256="other")])
    assert all(not found.network.state_dict()[name].any() for name in names if "num_batches" not in name)
    assert torch.count_nonzero(found.network(torch.randn(1, 1, 32, 32))) == 0


def test_it_is_another_model_and_says_of_which():
    """Its digest is its own, and depends on each member."""
    found = mean_of_weights([model(0), model(1)])
    assert found.spec.trained["averaged"] == ["m0", "m1"]
    assert len({found.sha256, mean_of_weights([model(0), model(2)]).sha256, "sha0", "sha1"}) == 4


def test_one_model_is_itself():
    """Nothing is averaged, and nothing says so."""
    alone = model(0)
    assert mean_of_weights([alone]) is alone


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"image_size": 64}, "image_size"),
        ({"heart": "included"}, "heart"),
        ({"network": {**SPEC.network, "channels": [4, 4]}}, "network"),
    ],
)
def test_models_that_differ_are_named(changes, word):
    """By what they differ in."""
    with pytest.raises(ConfigError, match=f"weights of m0 and m1 cannot be averaged: their {word}"):
        mean_of_weights([model(0), model(1, **changes)])
