"""What is done before and after the network, against MONAI's own steps and plain arithmetic."""

import numpy as np
import torch
from monai.transforms import Compose, NormalizeIntensity, Resize, ScaleIntensityRangePercentiles

from cxrtk.models.views import MOVE, combined, moved, prepare


def test_preparation_equals_monais_steps():
    """Percentiles, resizing with anti-aliasing and normalisation, up to rounding."""
    pixels = np.random.default_rng(0).random((700, 500), dtype=np.float32) ** 2
    steps = Compose(
        [
            ScaleIntensityRangePercentiles(1, 99, 0, 1, clip=True),
            Resize((64, 64), mode="bilinear", anti_aliasing=True),
            NormalizeIntensity(0.5, 0.25),
        ]
    )
    theirs = torch.as_tensor(np.asarray(steps(pixels[None])))
    torch.testing.assert_close(prepare(pixels, 64), theirs, atol=1e-4, rtol=0)


def test_a_move_and_back_keeps_the_inside():
    """Only the border, as wide as the move, is another."""
    image = torch.rand(1, 1, 20, 30, generator=torch.Generator().manual_seed(0))
    back = moved(moved(image, MOVE), -MOVE)
    assert torch.equal(back[..., :-MOVE, :-MOVE], image[..., :-MOVE, :-MOVE])
    assert torch.equal(moved(image, MOVE)[..., MOVE:, MOVE:], image[..., :-MOVE, :-MOVE])


def test_a_mask_is_made_of_the_first_two_views():
    """The mirrored one serves the quality flag alone."""
    views = np.stack([np.full((1, 2, 2), value, np.float32) for value in (0.2, 0.6, 9.0)])
    np.testing.assert_allclose(combined(views), np.full((1, 2, 2), 0.4), rtol=1e-6)
