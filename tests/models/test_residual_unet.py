"""The residual U-Net without MONAI, against MONAI's own."""

import pytest
import torch
from monai.networks.nets import UNet

from cxrtk.models import load_model
from cxrtk.models.model_file import build_network
from cxrtk.models.residual_unet import TARGET, ResidualUNet, supports

SHIPPED = {"channels": [16, 32, 64, 128, 256, 256], "strides": [2] * 5, "num_res_units": 2}


def definition(**changed) -> dict:
    """Definition of a network as a bundle writes it."""
    base = {"spatial_dims": 2, "in_channels": 1, "out_channels": 4, **SHIPPED}
    return {"_target_": TARGET, "_mode_": "default", **base, **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"num_res_units": 1},
        {"num_res_units": 3, "in_channels": 3},
        {"channels": [8, 8], "strides": [2]},
        {"channels": [4, 8, 8], "strides": [2, 2], "out_channels": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [(64, 64), (96, 32)])
def test_it_equals_monais(changed, size):
    """Names, shapes and order of the weights; outputs bit by bit, in training and in evaluation."""
    wanted = definition(**changed)
    assert supports(wanted)
    arguments = {key: value for key, value in wanted.items() if key[0] != "_"}
    torch.manual_seed(0)
    theirs, ours = UNet(**arguments), ResidualUNet.of(wanted)
    known, own = theirs.state_dict(), ours.state_dict()
    assert [(name, value.shape) for name, value in own.items()] == [
        (name, value.shape) for name, value in known.items()
    ]
    ours.load_state_dict(known)
    image = torch.rand(2, wanted["in_channels"], *size)
    for mode in (True, False):
        with torch.no_grad():
            assert torch.equal(ours.train(mode)(image), theirs.train(mode)(image))


def test_a_layer_has_the_same_name():
    """The quality flag reads a layer by its name."""
    wanted = definition()
    theirs = UNet(**{key: value for key, value in wanted.items() if key[0] != "_"})
    modules = dict(ResidualUNet.of(wanted).named_modules())
    with_weights = {name.rpartition(".")[0] for name in theirs.state_dict()}
    assert with_weights <= set(modules)


@pytest.mark.parametrize(
    "changed",
    [
        {"_target_": "monai.networks.nets.BasicUNet"},
        {"spatial_dims": 3},
        {"num_res_units": 0},
        {"strides": [2, 2, 2, 2, 1]},
        {"strides": [2, 2, 2, 2]},
        {"norm": "batch"},
        {"act": "relu"},
        {"dropout": 0.1},
        {"kernel_size": 5},
    ],
    ids=str,
)
def test_other_settings_are_left_to_monai(changed):
    """Anything that this network does not have."""
    assert not supports(definition(**changed))


def test_the_shipped_model_is_one():
    """It loads without MONAI's network."""
    model = load_model("lungs")
    assert supports(model.spec.network)
    assert build_network(model.spec.network).state_dict().keys() == model.network.state_dict().keys()
