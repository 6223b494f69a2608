"""A small model with random weights, and one that is right by construction."""

import pytest
import torch
from monai.networks.nets import UNet

from cxrtk.models.model_file import ModelSpec, save_model

CLASSES = ("right_lung", "left_lung", "heart", "lungs_with_heart")
NETWORK = {
    "_target_": "monai.networks.nets.UNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 4,
    "channels": [4, 8, 8],
    "strides": [2, 2],
}


@pytest.fixture(scope="session")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return UNet(**{key: value for key, value in NETWORK.items() if key != "_target_"}).eval()


@pytest.fixture(scope="session")
def spec():
    return ModelSpec("small", NETWORK, CLASSES, image_size=64, temperature=(1.0, 1.0, 2.0, 1.0))


@pytest.fixture(scope="session")
def model_file(tmp_path_factory, network, spec):
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    save_model(spec, network.state_dict(), path, half=False)
    return path
