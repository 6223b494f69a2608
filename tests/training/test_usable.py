"""What trains can be loaded: told before anything is written, by the config and by the network."""

import json
import logging
from typing import Any

import pytest
import torch

from cxrtk import ConfigError
from cxrtk.models.network_def import build_network
from cxrtk.training.usable import require_batches, require_loadable, require_stated

NETWORK = {
    "_target_": "BasicUNet",
    "spatial_dims": 2,
    "in_channels": "@in_channels",
    "out_channels": 1,
    "features": [4, 4, 4, 4, 4, 4],
}
CONFIG: dict[str, Any] = {"network_def": NETWORK, "in_channels": 1, "image_size": 32}


def test_a_config_that_can_be_loaded(tmp_path):
    """Passes, and draws no random number of the training's; so does a script without a config."""
    torch.manual_seed(7)
    first = torch.rand(3)
    torch.manual_seed(7)
    require_loadable(CONFIG, tmp_path)
    require_loadable(None, tmp_path)
    assert torch.equal(torch.rand(3), first)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"network_def": {"_target_": "torch.nn.Conv2d", "in_channels": 1}}, "not 'torch.nn.Conv2d'"),
        ({"network_def": {**NETWORK, "out_channels": 3}}, "has 3 outputs, and it is not stated which"),
        ({"network_def": {**NETWORK, "out_channels": "$1 + 2"}}, "is computed, not stated"),
        ({"image_size": 8}, "does not take 1 channels of 8 x 8 pixels"),
    ],
)
def test_one_that_cannot_is_refused(tmp_path, changes, said):
    """One line gives the reason."""
    with pytest.raises(ConfigError, match=r"^This model could not be loaded after its training\. ") as caught:
        require_loadable({**CONFIG, **changes}, tmp_path)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", CONFIG)
def test_a_config_of_another_making_is_trained_with_a_warning(tmp_path, caplog, name):
    """One that has other ids than ours."""
    with caplog.at_level(logging.WARNING):
        require_loadable({key: value for key, value in CONFIG.items() if key != name}, tmp_path)
    assert f"The config has no {name}, so that no command can load the model" in caplog.text


def test_the_network_that_trains_is_the_stated_one(tmp_path):
    """By names and shapes of its weights; without a config there is nothing to compare."""
    network = build_network({**NETWORK, "in_channels": 1})
    require_stated(tmp_path, torch.nn.Linear(1, 1))
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    require_stated(tmp_path, network)
    with pytest.raises(ConfigError, match=r"differs in conv_0\.conv_0\.conv\.weight; let network_def be"):
        require_stated(tmp_path, build_network({**NETWORK, "in_channels": 3}))
    with pytest.raises(ConfigError, match=r"differs in 0\.conv_0"):
        require_stated(tmp_path, torch.nn.Sequential(network))


class Loader(list):
    """A loader of batches, as far as its lengths are looked at."""

    def __init__(self, images: int, batch_size: int) -> None:
        super().__init__(range(images // batch_size))
        self.dataset, self.batch_size = range(images), batch_size


class Engine:
    """An engine with a loader."""

    def __init__(self, images: int, batch_size: int) -> None:
        self.data_loader = Loader(images, batch_size)


@pytest.mark.parametrize(
    ("train", "validation", "said"),
    [
        (Engine(3, 4), None, r"The training data are 3 images, fewer than one batch of 4, .*drop_last"),
        (Engine(0, 4), None, "The training data are empty"),
        (Engine(4, 4), Engine(1, 2), "The validation data are 1 image, fewer than one batch of 2"),
        (Engine(4, 4), Engine(0, 1), "The validation data are empty"),
    ],
)
def test_loaders_without_a_batch_are_refused(train, validation, said):
    """Otherwise nothing would be trained, or no checkpoint selected."""
    with pytest.raises(ConfigError, match=said):
        require_batches(train, validation)


def test_loaders_with_a_batch():
    """They pass, and so does an engine whose loader has no length."""
    require_batches(Engine(4, 4), Engine(1, 1))
    require_batches(object())
