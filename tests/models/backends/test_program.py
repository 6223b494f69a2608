"""A network with plain outputs, and the name of a conversion."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from cxrtk import CheckpointError, ConfigError
from cxrtk.models.backends.program import Program, exported, identity


def test_one_output_or_two(model, layer):
    """Logits; with a layer, the means of its output as well."""
    images = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        assert torch.equal(Program(model)(images), model.network(images))
        logits, features = Program(model, layer)(images)
    assert logits.shape == (2, 4, 64, 64) and features.shape == (2, 8)


def test_an_unknown_layer_is_refused(model):
    """With its name."""
    with pytest.raises(CheckpointError, match="no layer 'none'"):
        Program(model, "none")


def test_a_conversion_is_named_by_all_that_it_depends_on(model):
    """Weights, code of the network, layer, library; equal models have equal names."""
    others = [
        identity(replace(model, sha256="other"), "", "library 1"),
        identity(replace(model, network=nn.Sequential(model.network)), "", "library 1"),
        identity(model, "layer", "library 1"),
        identity(model, "", "library 2"),
        identity(model, "", "library 1"),
    ]
    assert len(set(others)) == 5
    assert identity(replace(model), "", "library 1") == others[-1]


def test_an_export_takes_any_batch(model, layer):
    """Converted with two images, run with five: the network's logits."""
    images = torch.rand(5, 1, 64, 64)
    logits, features = exported(model, layer).module()(images)
    with torch.no_grad():
        assert torch.allclose(logits, model.network(images), atol=1e-5)
    assert features.shape == (5, 8)


def test_an_export_takes_any_multiple(model):
    """Converted at 64 x 64, run at 12 x 20, which are multiples of 4: the network's logits."""
    images = torch.rand(3, 1, 12, 20)
    with torch.no_grad():
        expected = model.network(images)
    assert torch.allclose(exported(model, multiple=4).module()(images), expected, atol=1e-5)


class Undecided(nn.Module):
    """Looks at its values to find its path."""

    def forward(self, images):
        return images if bool(images.sum() > 0) else -images


def test_what_cannot_be_exported_is_refused(model):
    """In one line, with the way out."""
    with pytest.raises(ConfigError, match="cannot be converted; use --backend torch") as raised:
        exported(replace(model, network=Undecided()))
    assert "\n" not in str(raised.value)
