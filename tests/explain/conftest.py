"""Networks whose maps are known by construction."""

import pytest
import torch
from torch import nn

from tests.explain.known import BIASES, WEIGHTS, conv, features


@pytest.fixture
def classifier():
    """Global average pooling and a linear layer behind three feature maps."""
    linear = nn.Linear(3, 2)
    linear.weight.data, linear.bias.data = torch.tensor(WEIGHTS), torch.tensor(BIASES)
    return nn.Sequential(features(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear).eval()


@pytest.fixture
def segmenter():
    """A 1x1 convolution behind the same maps."""
    return nn.Sequential(features(), conv([[[[w]] for w in row] for row in WEIGHTS], BIASES)).eval()


@pytest.fixture
def image():
    """(2, 1, 6, 5)."""
    return torch.randn(2, 1, 6, 5, generator=torch.Generator().manual_seed(1))
