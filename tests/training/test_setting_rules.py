"""Values that are right alone and wrong together."""

from typing import Any

import pytest
import torch

from cxrtk import ConfigError
from cxrtk.models.network_def import build_network
from cxrtk.models.run_spec import output_shape
from cxrtk.training.setting_rules import misfits, plain, require_fitting, sizes_of

UNET = {
    "_target_": "monai.networks.nets.UNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 1,
    "channels": [4, 4, 4],
    "strides": [2, 2],
    "num_res_units": 1,
}


@pytest.mark.parametrize(
    ("config", "id", "said"),
    [
        ({"max_epochs": 3, "val_interval": 4}, "val_interval", "4 is more than max_epochs (3)"),
        ({"max_epochs": "@n", "n": 1, "val_interval": 2}, "val_interval", "set val_interval to 1 or less"),
        ({"folds": 1, "fold": 0}, "folds", "one fold leaves nothing to train on"),
        ({"folds": 5, "fold": 5}, "fold", "there is no fold 5 of 5; it must be from 0 to 4"),
        ({"folds": 0, "fold": 1}, "fold", "there is no fold 1 of 0"),
        (
            {"classes": ["a", "b"], "network_def": {**UNET, "out_channels": 3}},
            "network_def#out_channels",
            "3 outputs for 2 classes; set it to 2, or to $len(@classes)",
        ),
        ({"in_channels": 3, "network_def": UNET}, "network_def#in_channels", "set it to @in_channels"),
        ({"image_size": 30, "network_def": UNET}, "image_size", "it must be a multiple of 4, 4 or more"),
        ({"max_epochs": 0, "val_interval": 1}, "max_epochs", "0 is out of range"),  # and no second line
    ],
)
def test_what_does_not_fit_is_told_and_refused(config, id, said):
    """One misfit, with its id and a cure; in training an error of the config."""
    (misfit,) = misfits(config)
    assert misfit.id == id and said in str(misfit)
    with pytest.raises(ConfigError, match=f"^{id}: "):
        require_fitting(config)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"max_epochs": 4, "val_interval": 4, "folds": 5, "fold": 4},
        {"max_epochs": "$2", "val_interval": 4},
        {"classes": ["a"], "in_channels": 1, "image_size": 32, "network_def": UNET},
        {"image_size": "$3", "network_def": "$@other"},
        {"max_epochs": "@a", "a": "@b", "b": "@a", "val_interval": 3},
    ],
)
def test_what_fits(config):
    """Computed values and circular references pass, because other checks report them."""
    assert misfits(config) == []
    require_fitting(config)


def test_no_config_is_no_mistake():
    """A script has none."""
    require_fitting(None)


def test_references_to_plain_values():
    """Through several."""
    assert plain({"a": "@b", "b": "@c", "c": 3}, "a") == 3
    assert plain({"a": "$1"}, "a") is None and plain({}, "a") is None


NETWORKS: dict[str, dict[str, Any]] = {
    "UNet": UNET,
    "AttentionUnet": {**{k: v for k, v in UNET.items() if k != "num_res_units"}, "_target_": "AttentionUnet"},
    "SegResNet": {"_target_": "SegResNet", "spatial_dims": 2, "init_filters": 8},
    "BasicUNet": {"_target_": "BasicUNet", "spatial_dims": 2, "features": [4] * 6},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_sizes_are_those_of_the_networks(name):
    """A network of MONAI takes what the rule allows, and not what it refuses."""
    network = build_network({"in_channels": 1, "out_channels": 1, **NETWORKS[name]})
    divisor, smallest = sizes_of(NETWORKS[name])
    least = max(2 * divisor, smallest)
    assert output_shape(network, 1, least)[-1] == least
    assert output_shape(network, 1, least + divisor)[-1] == least + divisor
    torch.manual_seed(0)
    if divisor > 1:
        with pytest.raises(ConfigError):
            output_shape(network, 1, least + divisor // 2)
    if smallest > 1:
        with pytest.raises(ConfigError):
            output_shape(network, 1, smallest - divisor)
