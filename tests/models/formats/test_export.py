"""What is written is whole and right, or nothing is."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from cxrtk import ConfigError, networks
from cxrtk.models.formats import torchscript_file
from cxrtk.models.formats.export import FORMATS, export_model, require_packages


def test_the_difference_is_returned(model, licence, tmp_path):
    """TorchScript computes the same operations."""
    assert export_model(model, tmp_path / "a" / "m.ts", [licence]) < 1e-5
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["m.ts"]


def test_a_file_that_computes_something_else_is_not_written(model, licence, tmp_path, monkeypatch):
    """The message says by how much, and what to do."""
    load = torchscript_file.load
    monkeypatch.setattr(
        torchscript_file,
        "load",
        lambda path: load(path)._replace(run=lambda images: model.network(images) + 1),
    )
    with pytest.raises(
        ConfigError, match=r"m\.ts: not written, because the file computes other probabilities"
    ):
        export_model(model, tmp_path / "m.ts", [licence])
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_replaced_unasked(model, licence, tmp_path):
    """Not the weights of another program either, which OpenVINO writes beside the file."""
    (tmp_path / "m.ts").write_text("mine")
    with pytest.raises(ConfigError, match=r"m\.ts: exists"):
        export_model(model, tmp_path / "m.ts", [licence])
    assert (tmp_path / "m.ts").read_text() == "mine"
    export_model(model, tmp_path / "m.ts", [licence], replace=True)
    assert (tmp_path / "m.ts").stat().st_size > 1000


def test_a_package_that_is_missing_is_one_line(monkeypatch):
    """With the extra that has it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"\.xml needs openvino: pip install 'cxrtk\[openvino\]'"):
        require_packages(FORMATS[".xml"])
    require_packages(FORMATS[".ts"])


class OneSize(nn.Module):
    """A network with a weight for each pixel of one size."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(1, 4, 3, padding=1)
        self.weights = nn.Parameter(torch.ones(64, 64))

    def forward(self, images):
        return self.convolution(images) * self.weights


def test_a_network_of_one_size(model, licence, tmp_path):
    """It is refused with the option that helps, and written with it."""
    fixed = replace(model, network=OneSize().eval())
    with pytest.raises(ConfigError, match="cannot be converted; add --fixed-size"):
        export_model(fixed, tmp_path / "m.pt2", [licence])
    export_model(fixed, tmp_path / "m.pt2", [licence], fixed_size=True)
    assert FORMATS[".pt2"].load(tmp_path / "m.pt2").about["multiple"] == 0


def test_a_size_that_is_no_multiple_is_refused(model, licence, tmp_path):
    """With the option that helps."""
    network = networks.create("basic_unet", in_channels=1).eval()
    odd = replace(model, network=network, spec=replace(model.spec, image_size=100))
    with pytest.raises(ConfigError, match=r"100 is not a multiple of 16.*add --fixed-size"):
        export_model(odd, tmp_path / "m.ts", [licence])
