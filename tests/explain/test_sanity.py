"""Randomising the weights destroys a map that depends on them, and no other."""

import copy

import numpy as np
import pytest
import torch
from monai.networks.nets import BasicUNet
from scipy.stats import spearmanr
from torch import nn

from cxrtk.data import pixels
from cxrtk.errors import ConfigError
from cxrtk.explain.explainer import Explainer
from cxrtk.explain.sanity import IMAGE, TRAINED, cascade, step_count, weight_steps
from cxrtk.inference.explanation.preparing import Preparer, explainer_of
from cxrtk.models.find import find_model


@pytest.fixture
def network():
    """Two convolutions, a norm with weights between them, and a linear head."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.PReLU(),
        nn.Conv2d(4, 4, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 2, 1),
    ).eval()


@pytest.fixture
def x():
    return torch.randn(2, 1, 16, 16, generator=torch.Generator().manual_seed(3))


class Ignoring:
    """Shows the image, whatever the network's weights are."""

    def __init__(self, network):
        self.network = network

    def __call__(self, x):
        return x

    def of(self, network):
        return Ignoring(network)


def test_steps_from_the_output_on(network, x):
    """A convolution with the norm and activation behind it is one step; layers without weights are none."""
    assert weight_steps(network, x) == [["5"], ["3"], ["0", "1", "2"]]


def test_every_weight_is_in_a_step():
    """Of MONAI's BasicUNet, from its last convolution on."""
    network, x = BasicUNet(2, 1, 2).eval(), torch.zeros(1, 1, 32, 32)
    named = {name for step in weight_steps(network, x) for name in step}
    owners = {name.rpartition(".")[0] for name, _ in network.named_parameters()}
    assert named == owners
    assert weight_steps(network, x)[0] == ["final_conv"]


def test_a_layer_that_cannot_be_made_random(x):
    """It is named."""

    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, x):
            return x * self.scale

    with pytest.raises(ConfigError, match=r"Layer '1' \(Own\) has parameters and no reset_parameters"):
        weight_steps(nn.Sequential(nn.Conv2d(1, 1, 1), Own()), x)


def test_the_trained_network_stays(network, x):
    """All of its weights and statistics."""
    before = copy.deepcopy(network.state_dict())
    cascade(Explainer(network, x), x, draws=2)
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_random_state_stays(network, x):
    """After the check, and at each of its steps."""
    before, during = torch.get_rng_state(), []
    cascade(Explainer(network, x), x, draws=2, report=lambda: during.append(torch.get_rng_state()))
    assert len(during) == 8
    assert all(torch.equal(before, each) for each in (*during, torch.get_rng_state()))


def test_the_seed_decides(network, x):
    """Twice the same; another seed, other numbers."""
    explain = Explainer(network, x)
    one, again, other = (cascade(explain, x, draws=1, seed=seed) for seed in (4, 4, 5))
    assert one.steps == again.steps and one.steps[1:] != other.steps[1:]
    assert all(np.array_equal(a, b) for a, b in zip(one.pictures, again.pictures, strict=True))


def test_each_step_keeps_those_before(network, x):
    """The last maps are those of the same build with no trained weight: resetting by hand gives them."""
    found = cascade(Explainer(network, x), x, draws=1, seed=7)
    by_hand = copy.deepcopy(network)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        for number, name in enumerate((("5",), ("3",), ("0", "1", "2")), start=1):
            for each in name:
                by_hand.get_submodule(each).reset_parameters()
            expected = Explainer(by_hand, x)(x)[0].numpy()
            np.testing.assert_array_equal(found.pictures[number], expected)


def test_numbers_of_a_step(network, x):
    """The mean over images and classes of scipy's rank correlation with the trained maps."""
    explain = Explainer(network, x)
    found = cascade(explain, x[:1], draws=1)
    trained = explain(x[:1])[0].numpy()
    ranks = [
        spearmanr(one.ravel(), other.ravel()).statistic
        for one, other in zip(trained, found.pictures[2], strict=True)
    ]
    assert found.steps[2].spearman == pytest.approx(np.mean(ranks), abs=1e-6)
    assert found.steps[2].strength == pytest.approx(np.mean(np.abs(ranks)), abs=1e-6)
    assert (found.steps[2].layer, found.steps[2].maps) == ("3", 2)


def test_draws_are_averaged(network, x):
    """Two draws are the mean of one with each seed."""
    explain = Explainer(network, x)
    both, one, other = (
        cascade(explain, x, draws=draws, seed=seed) for draws, seed in ((2, 0), (1, 0), (1, 1))
    )
    for mean, first, second in zip(both.steps, one.steps, other.steps, strict=True):
        assert mean.spearman == pytest.approx((first.spearman + second.spearman) / 2)
        assert mean.ssim == pytest.approx((first.ssim + second.ssim) / 2)
        assert mean.maps == first.maps + second.maps


def test_the_first_and_the_last_line(network, x):
    """The trained maps are like themselves; the image takes the place of a map."""
    explain = Explainer(network, x)
    found = cascade(explain, x, draws=1)
    first = found.steps[0]
    assert (first.layer, found.image.layer) == (TRAINED, IMAGE)
    assert (first.spearman, first.strength) == pytest.approx((1.0, 1.0)) and first.ssim == pytest.approx(1.0)
    ranks = [
        spearmanr(image.ravel(), map_.ravel()).statistic
        for image, maps in zip(x[:, 0].numpy(), explain(x).numpy(), strict=True)
        for map_ in maps
    ]
    assert found.image.spearman == pytest.approx(np.mean(ranks), abs=1e-6)


def test_a_map_without_contrast(network, x):
    """Is counted, and is like nothing."""

    class Flat(Ignoring):
        def __call__(self, x):
            return torch.zeros_like(x) if self.network is not network else x

        def of(self, other):
            return Flat(other)

    last = cascade(Flat(network), x, draws=1).steps[-1]
    assert (last.constant, last.maps, last.strength) == (2, 2, 0.0)


def test_how_often_it_reports(network, x):
    """As often as a progress bar was told."""
    calls = []
    cascade(Explainer(network, x), x, draws=3, report=lambda: calls.append(1))
    assert len(calls) == step_count(network, x, 3) == 12


def test_a_map_that_ignores_the_weights_stays(network, x):
    """What the check is there to find: an edge detector passes as a map until the weights are random."""
    found = cascade(Ignoring(network), x)
    assert [step.strength for step in found.steps] == pytest.approx([1.0] * 4)
    assert [step.ssim for step in found.steps] == pytest.approx([1.0] * 4, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "most"), [("cam", 0.15), ("grad-cam", 0.35)])
def test_the_map_of_a_trained_network_is_destroyed(cxrtk_data, method, most):
    """The shipped model on a radiograph; 64 pixels of a Grad-CAM are alike by chance more than 65,536 are."""
    model = find_model("lungs")
    explain, _ = explainer_of(model, method=method)
    radiograph = pixels.read(sorted((cxrtk_data / "jsrt" / "images").iterdir())[0])
    found = cascade(explain, Preparer(model)(radiograph).tensor[None], draws=1)
    assert found.steps[0].strength == pytest.approx(1.0)
    assert found.steps[-1].strength < most
