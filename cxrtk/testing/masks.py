"""Contract of mask generators."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch

from cxrtk.api import MaskGenerator
from cxrtk.registry import Registry, masks
from cxrtk.testing.contract import Contract

SIZES = [(64, 64), (97, 131), (256, 256), (300, 200)]  # (H, W)


def chest(height: int, width: int) -> torch.Tensor:
    """Synthetic (1, H, W) chest in [0, 1]: two dark ellipses in a grey body on black, with slight noise."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    image = torch.where((x / 0.85) ** 2 + (y / 0.98) ** 2 < 1, 0.7, 0.02)
    for side in (-0.38, 0.38):
        image = torch.where(((x - side) / 0.25) ** 2 + (y / 0.6) ** 2 < 1, 0.3, image)
    noise = torch.randn(height, width, generator=torch.Generator().manual_seed(0))
    return (image + 0.01 * noise).clamp(0, 1)[None]


class MaskGeneratorContract(Contract):
    """Mask generators map a (1, H, W) float image in [0, 1] to a float mask of zeros and ones."""

    registry: ClassVar[Registry[Any]] = masks

    @pytest.fixture
    def generator(self, kwargs: dict[str, Any]) -> MaskGenerator:
        """The plugin under test."""
        generator: MaskGenerator = self.registry.create(self.plugin, **kwargs)
        return generator

    @pytest.mark.parametrize(("height", "width"), SIZES)
    def test_gives_zeros_and_ones_of_the_same_size(
        self, generator: MaskGenerator, height: int, width: int
    ) -> None:
        """The mask has the size of the image and a floating dtype, and contains only 0 and 1."""
        mask = generator(chest(height, width))
        assert mask.shape == (1, height, width)
        assert mask.is_floating_point()
        assert set(mask.flatten().tolist()) <= {0.0, 1.0}

    @pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
    def test_takes_a_constant_image(self, generator: MaskGenerator, value: float) -> None:
        """An image without contrast gives a mask of any content, not an exception."""
        mask = generator(torch.full((1, 80, 64), value))
        assert mask.shape == (1, 80, 64)
        assert set(mask.flatten().tolist()) <= {0.0, 1.0}

    def test_gives_the_same_again(self, generator: MaskGenerator, kwargs: dict[str, Any]) -> None:
        """The same image gives the same mask, in further calls and from a second instance."""
        first = generator(chest(96, 80))
        for _ in range(8):  # two random masks may be equal by chance
            assert torch.equal(first, generator(chest(96, 80)))
        assert torch.equal(first, self.registry.create(self.plugin, **kwargs)(chest(96, 80)))

    def test_an_image_leaves_no_trace(self, generator: MaskGenerator) -> None:
        """A mask does not depend on images seen before."""
        first = generator(chest(96, 80))
        generator(1 - chest(128, 128))
        assert torch.equal(first, generator(chest(96, 80)))

    def test_leaves_its_input_alone(self, generator: MaskGenerator) -> None:
        """The image is not modified, and the mask shares no memory with it."""
        image = chest(96, 80)
        mask = generator(image)
        assert torch.equal(image, chest(96, 80))
        mask.fill_(0.5)
        assert torch.equal(image, chest(96, 80))
