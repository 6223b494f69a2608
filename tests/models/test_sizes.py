"""The sizes that a network takes: the number by which they are divisible, and the smallest."""

import pytest
import torch
from torch import nn

from cxrtk import ConfigError, networks
from cxrtk.models.model_file import CLASSIFICATION, ModelSpec
from cxrtk.models.sizes import multiple_of, step_of

SHIPPED = [("paper_unet", 16, 16), ("basic_unet", 16, 32), ("chexnet", 32, 32)]


def spec(task: str = "segmentation", image_size: int = 64) -> ModelSpec:
    return ModelSpec("m", {}, ("lungs",), image_size, task=task, in_channels=3)


def shipped(name: str) -> tuple[nn.Module, ModelSpec]:
    network = networks.create(name, in_channels=3, out_channels=1).eval()
    return network, spec(CLASSIFICATION if name == "chexnet" else "segmentation")


def test_of_two_halvings_it_is_four(network):
    """Two strides of two."""
    assert multiple_of(network, ModelSpec("m", {}, ("a", "b", "c", "d"), 64, in_channels=1)) == 4


@pytest.mark.parametrize(("name", "multiple", "step"), SHIPPED)
def test_of_the_networks_that_ship(name, multiple, step):
    """Four poolings; four poolings and a normalisation that needs two pixels; five reductions."""
    assert (multiple_of(*shipped(name)), step_of(*shipped(name))) == (multiple, step)


@pytest.mark.parametrize(("name", "multiple", "step"), SHIPPED)
@torch.no_grad()
def test_both_numbers_hold(name, multiple, step):
    """A bundle states that the step is taken, an export that multiples are, from the second on."""
    network, about = shipped(name)
    for rows, columns in ((step, 2 * step), (2 * multiple, 3 * multiple)):
        logits = network(torch.zeros(1, 3, rows, columns))
        assert logits.shape == ((1, 1) if about.task == CLASSIFICATION else (1, 1, rows, columns))


class Squeezed(nn.Module):
    """A stride of two, times a convolution of the mean of all pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.halve, self.mean = nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        x = self.halve(x)
        return x * self.mean(x.mean((2, 3), keepdim=True))


def test_a_mean_of_the_image_is_no_reduction():
    """Squeeze and excitation convolve a single pixel, whatever the size of the image."""
    assert multiple_of(Squeezed(), spec()) == 2


class Halves(nn.Module):
    """Pools and unpools `times`, and refuses an odd side."""

    def __init__(self, times: int, outputs: int = 1) -> None:
        super().__init__()
        self.times, self.last = times, nn.Conv2d(3, outputs, 1)

    def forward(self, x):
        if x.shape[-1] % 2**self.times:
            raise ValueError("odd")
        return self.last(x)


@pytest.mark.parametrize(("times", "step"), [(0, 16), (4, 16), (5, 32), (6, 64)])
def test_the_step_is_found_by_trying(times, step):
    """A network that halves its image n times takes multiples of 2 to the n."""
    assert step_of(Halves(times), spec()) == step


@pytest.mark.parametrize("network", [Halves(9), Halves(1, outputs=2)])
def test_a_network_that_takes_no_size_is_refused(network):
    """One that no size suits, and one whose outputs are not the model's classes."""
    with pytest.raises(ConfigError, match="m: its network takes images of none of the sides"):
        step_of(network, spec(image_size=512))
