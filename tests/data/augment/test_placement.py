"""One resampling in place of three: the same placements, and the same distribution of images and labels."""

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, RandAffined
from scipy import ndimage

from cxrtk.data import RandAnatomyd, RandMirrord, RandPlacementd

SIZE = 96
KEYS = ["image", "label"]
# As in bundles/lungs.json.
AFFINE = {
    "rotate_range": 0.4,
    "shear_range": 0.1,
    "scale_range": [[-0.35, 0.3], [-0.35, 0.3]],
    "translate_range": 0.1 * SIZE,
    "mode": ["bilinear", "nearest"],
    "padding_mode": "zeros",
}


def chest() -> dict:
    """A smooth picture of two lungs of different sizes and a heart, with texture."""
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE
    label = np.zeros((4, SIZE, SIZE), np.float32)
    label[0] = ((columns - 0.3) / 0.16) ** 2 + ((rows - 0.5) / 0.33) ** 2 < 1
    label[1] = ((columns - 0.7) / 0.13) ** 2 + ((rows - 0.5) / 0.33) ** 2 < 1
    label[2] = ((columns - 0.53) / 0.14) ** 2 + ((rows - 0.7) / 0.12) ** 2 < 1
    label[3] = np.maximum(label[0], label[1])
    noise = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((SIZE, SIZE)), 3)
    image = 0.7 - 0.4 * ndimage.gaussian_filter(label[3], 2) + 0.5 * noise
    image = np.clip(image, 0, 1).astype(np.float32)[None]
    meta = {"filename_or_obj": "a.png"}
    return {
        name: MetaTensor(torch.from_numpy(array), meta=meta)
        for name, array in zip(KEYS, (image, label), strict=True)
    }


def parts(anatomy: float, mirror: float, affine: float) -> list:
    return [
        RandAnatomyd(KEYS, prob=anatomy),
        RandMirrord(KEYS, prob=mirror),
        RandAffined(KEYS, prob=affine, **AFFINE),
    ]


def both(seed: int, *probs: float) -> tuple[dict, dict]:
    """The results of the three in a row and of one resampling, with the same parameters drawn."""
    chain, own = parts(*probs), parts(*probs)
    composed = Compose(chain)  # which seeds its parts
    for number, (one, other) in enumerate(zip(chain, own, strict=True)):
        one.set_random_state(1000 * seed + number)
        other.set_random_state(1000 * seed + number)
    fused = RandPlacementd(KEYS, affine=own[2], anatomy=own[0], mirror=own[1])
    return composed(chest()), fused(chest())


def plain(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.as_subclass(torch.Tensor)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("probs", [(0, 0, 1), (0, 1, 1), (0, 1, 0), (0, 0, 0)])
def test_without_anatomy_it_is_monais_result(seed, probs):
    """Pixel by pixel, with zeros from outside the image, but for rounding."""
    expected, found = both(seed, *probs)
    torch.testing.assert_close(plain(found["image"]), plain(expected["image"]), rtol=0, atol=2e-4)
    assert (plain(found["label"]) != plain(expected["label"])).float().mean() < 2e-4


@pytest.mark.parametrize("seed", range(8))
def test_with_all_three_it_lies_where_the_chain_puts_it(seed):
    """Each class has its counterpart's area to 5 %, and overlaps it to 95 %: the chain rounds twice."""
    expected, found = both(seed, 1, 1, 1)
    for mine, other in zip(plain(found["label"]), plain(expected["label"]), strict=True):
        if other.sum() > 100:
            assert mine.sum() == pytest.approx(other.sum().item(), rel=0.05)
            assert 2 * (mine * other).sum() / (mine.sum() + other.sum()) > 0.95
    assert (plain(found["image"]) - plain(expected["image"])).abs().mean() < 0.01


def statistics(transform, count: int = 300) -> dict[str, np.ndarray]:
    """Of many draws: quantiles of grey values, areas of the classes, centre of the lungs."""
    values, areas, centres = [], [], []
    for _ in range(count):
        item = transform(chest())
        image, label = plain(item["image"])[0].numpy(), plain(item["label"]).numpy()
        values.append([image.mean(), image.std(), *np.quantile(image, [0.1, 0.5, 0.9, 0.99])])
        areas.append(label.mean(axis=(1, 2)))
        centres.append(ndimage.center_of_mass(label[3]) if label[3].any() else (np.nan, np.nan))
    return {"values": np.array(values), "areas": np.array(areas), "centres": np.array(centres)}


def test_the_distribution_is_that_of_the_chain():
    """Seeds are others: means agree within four standard errors, and spreads within a fifth."""
    probs = (0.5, 0.3, 0.9)
    chain = Compose(parts(*probs))
    chain.set_random_state(1)
    own = parts(*probs)
    fused = RandPlacementd(KEYS, affine=own[2], anatomy=own[0], mirror=own[1])
    fused.set_random_state(2)
    before, after = statistics(chain), statistics(fused)
    for name, old in before.items():
        new = after[name]
        error = np.hypot(np.nanstd(old, axis=0), np.nanstd(new, axis=0)) / np.sqrt(len(old))
        # One interpolation less leaves 0.01 more of the texture's spread.
        slack = 0.012 if name == "values" else 0.0
        assert (np.abs(np.nanmean(old, axis=0) - np.nanmean(new, axis=0)) < 4 * error + slack).all(), name
        spread = np.nanstd(new, axis=0) / np.nanstd(old, axis=0)
        assert ((spread > 0.8) & (spread < 1.25)).all(), (name, spread)


def test_it_is_seeded_as_a_whole():
    """The same seed gives the same images, another seed others; names of files are kept."""

    def draw(seed: int) -> dict:
        own = parts(1, 0.5, 1)
        fused = RandPlacementd(KEYS, affine=own[2], anatomy=own[0], mirror=own[1])
        return fused.set_random_state(seed)(chest())

    first, again, other = draw(3), draw(3), draw(4)
    assert torch.equal(plain(first["image"]), plain(again["image"]))
    assert not torch.equal(plain(first["image"]), plain(other["image"]))
    assert first["image"].meta["filename_or_obj"] == "a.png"


def test_the_parts_can_be_left_out():
    """An affine alone; the item given is not changed."""
    before = chest()
    given = {name: plain(tensor).clone() for name, tensor in before.items()}
    transform = RandPlacementd(KEYS, affine=RandAffined(KEYS, prob=1.0, **AFFINE)).set_random_state(0)
    after = transform(before)
    for name in KEYS:
        assert torch.equal(plain(before[name]), given[name])
        assert not torch.equal(plain(after[name]), given[name])
