"""All random changes of the image alone: range and shape stay, labels stay, a seed gives them again."""

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from cxrtk.data import (
    RandBasesd,
    RandCollimationd,
    RandForeignObjectsd,
    RandGreyRanged,
    RandJpegd,
    RandNegatived,
    RandOpacityd,
)

SIZE = 96
IMAGE_CHANGES = [
    RandBasesd,
    RandCollimationd,
    RandForeignObjectsd,
    RandGreyRanged,
    RandJpegd,
    RandNegatived,
    RandOpacityd,
]


def chest() -> dict:
    """A grey ramp with noise; a right and a left lung; no heart; lungs with heart."""
    ramp = torch.linspace(0.2, 0.8, SIZE).repeat(SIZE, 1)
    image = (ramp + 0.05 * torch.rand(SIZE, SIZE, generator=torch.Generator().manual_seed(0)))[None]
    label = torch.zeros(4, SIZE, SIZE)
    label[0, 20:70, 10:40] = label[1, 20:70, 56:86] = 1
    label[3] = label[0] + label[1]
    return {"image": MetaTensor(image), "label": MetaTensor(label)}


@pytest.mark.parametrize("transform", IMAGE_CHANGES)
@pytest.mark.parametrize("seed", range(8))
def test_the_image_changes_and_the_label_does_not(transform, seed):
    """Same shape and type, still in [0, 1], another content; what was handed in is untouched."""
    before = chest()
    after = transform(keys="image", prob=1.0).set_random_state(seed)(dict(before))
    assert after["image"].shape == before["image"].shape and after["image"].dtype == torch.float32
    assert after["image"].min() >= 0 and after["image"].max() <= 1
    assert torch.equal(after["label"], before["label"])
    assert torch.equal(before["image"], chest()["image"])


@pytest.mark.parametrize("transform", IMAGE_CHANGES)
def test_it_does_something(transform):
    """At `prob` 1 on most seeds, at `prob` 0 on none."""
    images = [
        transform(keys="image", prob=1.0).set_random_state(seed)(chest())["image"] for seed in range(10)
    ]
    assert sum(not torch.equal(image, chest()["image"]) for image in images) >= 8
    never = transform(keys="image", prob=0.0)
    assert torch.equal(never(chest())["image"], chest()["image"])


@pytest.mark.parametrize("transform", IMAGE_CHANGES)
def test_a_seed_gives_the_same_again(transform):
    """Bit for bit; another seed gives another image."""
    first, second, other = (
        transform(keys="image", prob=1.0).set_random_state(seed)(chest())["image"] for seed in (5, 5, 6)
    )
    assert torch.equal(first, second)
    if transform is not RandNegatived:
        assert not torch.equal(first, other)


def test_the_negative_by_hand():
    """1 - x."""
    after = RandNegatived("image", prob=1.0)(chest())["image"]
    assert torch.allclose(after, 1 - chest()["image"])


def test_an_opacity_is_bright_and_in_the_lungs():
    """Far from them nothing changes; within, the mean rises."""
    change = np.zeros((SIZE, SIZE))
    for seed in range(20):
        dark = chest()
        dark["image"] = dark["image"] * 0.3
        after = RandOpacityd("image", prob=1.0).set_random_state(seed)(dict(dark))
        change += (after["image"] - dark["image"])[0].numpy()
    lungs = chest()["label"][3].numpy() > 0
    assert change[lungs].mean() > 0.5
    assert np.abs(change[:10]).max() < 1e-3
    nothing = chest()
    nothing["label"] = nothing["label"] * 0
    assert torch.equal(RandOpacityd("image", prob=1.0)(dict(nothing))["image"], nothing["image"])


def test_collimation_covers_the_sides_and_never_the_middle():
    """At most `most` of each side, with one grey level."""
    for seed in range(20):
        after = RandCollimationd("image", prob=1.0, most=0.2).set_random_state(seed)(chest())["image"][0]
        inner = slice(round(0.2 * SIZE), SIZE - round(0.2 * SIZE))
        assert torch.equal(after[inner, inner], chest()["image"][0, inner, inner])
        covered = after[after != chest()["image"][0]]
        assert covered.unique().numel() <= 1


def test_jpeg_is_what_pillow_makes():
    """Lossy, and the more so the lower the quality."""
    errors = [
        float(
            (RandJpegd("image", prob=1.0, quality=(q, q))(chest())["image"] - chest()["image"]).abs().mean()
        )
        for q in (95, 50, 5)
    ]
    assert 0 < errors[0] < errors[1] < errors[2] < 0.1
