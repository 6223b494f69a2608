"""Tubes, plates and letters: each leaves most of the image as it is."""

import pytest
import torch
from monai.data import MetaTensor

from cxrtk.data import RandForeignObjectsd

GREY = torch.full((1, 128, 128), 0.5)


@pytest.mark.parametrize("seed", range(12))
def test_objects_cover_a_part(seed):
    """At most four objects of a fifth of the image each side: far from all of it, but something."""
    after = RandForeignObjectsd("image", prob=1.0).set_random_state(seed)({"image": MetaTensor(GREY.clone())})
    changed = (after["image"][0] - 0.5).abs() > 1e-3
    assert 0 <= changed.float().mean() < 0.5


def test_more_objects_cover_more():
    """One, against up to eight, over many draws."""

    def covered(most: int) -> float:
        total = 0.0
        for seed in range(30):
            transform = RandForeignObjectsd("image", prob=1.0, most=most).set_random_state(seed)
            total += float((transform({"image": MetaTensor(GREY.clone())})["image"] != 0.5).float().mean())
        return total

    assert covered(8) > 1.5 * covered(1) > 0
