"""The factor by which a network reduces an image."""

from dataclasses import replace

import pytest

from cxrtk import ConfigError, networks
from cxrtk.models.formats.sizes import multiple_of


def test_of_two_halvings_it_is_four(model):
    """Two strides of two."""
    assert multiple_of(model) == 4


@pytest.mark.parametrize(
    ("name", "channels", "expected"), [("paper_unet", 1, 16), ("basic_unet", 1, 16), ("chexnet", 1, 32)]
)
def test_of_the_networks_that_ship(model, name, channels, expected):
    """Four poolings, four poolings; five reductions, of which the global pooling is none."""
    network = networks.create(name, in_channels=channels).eval()
    assert multiple_of(replace(model, network=network)) == expected


def test_a_size_that_is_no_multiple_is_refused(model):
    """With the option that helps."""
    network = networks.create("basic_unet", in_channels=1).eval()
    odd = replace(model, network=network, spec=replace(model.spec, image_size=100))
    with pytest.raises(ConfigError, match=r"100 is not a multiple of 16.*add --fixed-size"):
        multiple_of(odd)
