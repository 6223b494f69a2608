"""The description of a run's model from its config: classes, sizes, and networks that do not fit."""

from pathlib import Path
from typing import Any

import pytest
import torch

from cxrtk import ConfigError
from cxrtk.models.run_config import RunConfig
from cxrtk.models.run_spec import describe_run, output_shape

NETWORK = {
    "_target_": "UNet",
    "spatial_dims": 2,
    "in_channels": "@in_channels",
    "out_channels": 4,
    "channels": [4, 8, 8],
    "strides": [2, 2],
}
AUTO = {
    "_target_": "AutoEncoder",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 1,
    "channels": [4],
    "strides": [2],
}
CONFIG = {"network_def": NETWORK, "in_channels": 1, "image_size": 64}


def described(**changes: Any) -> Any:
    return describe_run(RunConfig(Path("runs/mine"), content={**CONFIG, **changes}), "human masks")


def outputs(count: Any) -> dict[str, Any]:
    return {"network_def": {**NETWORK, "out_channels": count}}


def test_classes_of_ones_own():
    """In the order of the list; their number may be taken from it."""
    spec, network = described(**outputs("$len(@classes)"), classes=["lungs", "heart", "clavicles"])
    assert spec.classes == ("lungs", "heart", "clavicles") and spec.name == "mine"
    assert network(torch.zeros(1, 1, 64, 64)).shape == (1, 3, 64, 64)
    assert described()[0].classes == ("right_lung", "left_lung", "heart", "lungs_with_heart")
    assert described(**outputs(1))[0].classes == ("lungs",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            outputs(2),
            "has 2 outputs, and it is not stated which classes they are; name them by a list 'classes'",
        ),
        ({**outputs(2), "classes": ["a"]}, "its 'classes' must name the 2 outputs, each once, not ['a']"),
        ({**outputs(2), "classes": ["a", "a"]}, "each once, not ['a', 'a']"),
        ({**outputs(2), "classes": "ab"}, "each once, not 'ab'"),
        ({"image_size": 63}, "another image_size: a multiple of 16, from 32 on"),
        ({"image_size": 0}, "its image_size must be an integer of at least 1, not 0"),
        ({"image_size": "$32 * 2"}, "is computed, not stated"),
        ({"in_channels": None}, "its in_channels must be an integer of at least 1, not None"),
        ({"network_def": "$@net"}, "is computed, not stated"),
        ({"network_def": {**NETWORK, "in_channels": 3}}, "does not take 1 channels of 64 x 64 pixels"),
        ({"network_def": {**NETWORK, "spatial_dims": 3}}, "does not take 1 channels of 64 x 64 pixels"),
        ({"network_def": AUTO, "image_size": 63}, "The network makes shape (1, 1, 64, 64)"),
    ],
)
def test_what_cannot_be_used_is_one_line(changes, said):
    """The setting, and what is to be set."""
    with pytest.raises(ConfigError) as caught:
        described(**changes)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_networks_that_return_something_else():
    """As in training, where several resolutions are returned."""

    class Both(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x, x

    with pytest.raises(ConfigError, match="The network makes a tuple of an image of 8 x 8 pixels"):
        output_shape(Both(), 1, 8)


def test_a_lack_of_memory_is_no_mistake_of_the_settings():
    """It is left to the report of errors, which says what to make smaller."""

    class Large(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    with pytest.raises(RuntimeError, match="can't allocate memory"):
        output_shape(Large(), 1, 8)
