"""The last layer of a bundle's network: background and classes in the order of the label map."""

import math

import pytest
import torch
from torch import nn

from cxrtk import ConfigError
from cxrtk.bundles.zoo.head import definition, labels_of, ordering, whole_network
from cxrtk.classes import CLASSES
from cxrtk.models.model_file import CLASSIFICATION, Model, ModelSpec

LUNGS = ModelSpec("m", {}, CLASSES, 64, temperature=(2.0, 1.0, 4.0, 1.0), threshold=0.4)


def spec(*classes, **more):
    return ModelSpec("m", {}, classes, 64, **more)


def test_channels_are_the_numbers_of_the_label_map():
    """Each class is its logit divided by its temperature; lungs through the heart are left out."""
    logits = torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ordered = ordering(LUNGS)(logits)
    assert labels_of(LUNGS) == ("right_lung", "left_lung", "heart") and ordered.shape == (2, 4, 5, 6)
    for number, (channel, temperature) in enumerate([(0, 2.0), (1, 1.0), (2, 4.0)], start=1):
        torch.testing.assert_close(ordered[:, number], logits[:, channel] / temperature)


def test_a_class_is_above_the_background_where_its_probability_is_above_the_threshold():
    """So that the largest channel, by which MONAI's tools label a pixel, is what the threshold says."""
    logits = torch.randn(1, 4, 20, 20, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ordered = ordering(LUNGS)(logits)
    torch.testing.assert_close(ordered[:, 0], torch.full((1, 20, 20), math.log(0.4 / 0.6)))
    above = torch.sigmoid(ordered[:, 1:]) > 0.4
    assert torch.equal(ordered.argmax(dim=1) > 0, above.any(dim=1))


def test_the_layer_stands_behind_the_models_network():
    """The model's own network is the first module, whose outputs stay what they were."""
    network = nn.Conv2d(1, 1, 1)
    whole = whole_network(Model(spec("lungs"), network, ""))
    image = torch.rand(1, 1, 4, 4)
    assert whole[0] is network
    with torch.no_grad():
        torch.testing.assert_close(whole(image)[:, 1:], network(image))


def test_the_config_builds_the_same_layer():
    """As many channels in and out, by targets that need no cxrtk."""
    ids = definition(LUNGS, {"_target_": "UNet"})
    last = ordering(LUNGS)
    assert (ids["ordering"]["in_channels"], ids["ordering"]["out_channels"]) == (
        last.in_channels,
        last.out_channels,
    )
    assert "cxrtk" not in str(ids)


@pytest.mark.parametrize(
    ("model", "said"),
    [(spec("rib", "lungs"), "has the classes rib"), (spec("Mass", task=CLASSIFICATION), "makes no masks")],
)
def test_other_models_are_refused(model, said):
    """Classes that have no number in the label map, and classifiers."""
    with pytest.raises(ConfigError, match=said):
        labels_of(model)
