"""TorchScript: of the network that runs, by what MONAI reads it with."""

import json
import zipfile
from dataclasses import replace

import pytest
import torch
from torch import nn

from cxrtk import networks
from cxrtk.models.formats import torchscript_file


@pytest.mark.parametrize("name", ["paper_unet", "basic_unet", "chexnet"])
def test_networks_that_ship_are_scripted(model, tmp_path, name):
    """Not traced: their checks of an image's size are part of the program."""
    network = networks.create(name, in_channels=1).eval()
    torchscript_file.write(replace(model, network=network), {}, 16, tmp_path / "m.ts")
    loaded = torchscript_file.load(tmp_path / "m.ts")
    assert loaded.about == {"made_by": "torch.jit.script"}
    images = torch.rand(2, 1, 64, 96)
    with torch.no_grad():
        assert torch.allclose(loaded.run(images), network(images), atol=1e-5)


class Unscriptable(nn.Module):
    """TorchScript has no generators."""

    def forward(self, images):
        return sum(images * factor for factor in (1.0, 2.0))


def test_others_are_traced_and_the_file_says_why(model, tmp_path):
    """By one run."""
    torchscript_file.write(replace(model, network=Unscriptable()), {}, 1, tmp_path / "m.ts")
    loaded = torchscript_file.load(tmp_path / "m.ts")
    assert loaded.about["made_by"].startswith("torch.jit.trace; not scripted: ")
    assert torch.equal(loaded.run(torch.ones(1, 1, 2, 2)), torch.full((1, 1, 2, 2), 3.0))


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated")
def test_monai_reads_network_and_description(exported_files):
    """By `load_net_with_metadata`, whose extra file is ours."""
    from monai.data.torchscript_utils import load_net_with_metadata

    network, about, _ = load_net_with_metadata(str(exported_files(".ts")))
    assert about["name"] == "small" and network(torch.zeros(1, 1, 64, 64)).shape == (1, 4, 64, 64)


def test_no_records_for_debugging_are_left(exported_files):
    """They name files of the machine that wrote them; the description is a record of its own."""
    with zipfile.ZipFile(exported_files(".ts")) as archive:
        names = archive.namelist()
        (text,) = (archive.read(name) for name in names if name.endswith("extra/metadata.json"))
    assert not [name for name in names if "debug" in name] and json.loads(text)["name"] == "small"
