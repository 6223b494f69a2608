"""Balanced drawing: each source as often as another, seeded by torch."""

from collections import Counter

import pytest
import torch

from cxrtk import DataError
from cxrtk.data import balanced_sampler

ENTRIES = [
    {"image": f"{source}{n}.png", "label": {"image": f"{source}{n}.png", "source": source}}
    for source, count in (("small", 10), ("large", 990))
    for n in range(count)
]


def drawn(power: float, seed: int = 0) -> list[int]:
    torch.manual_seed(seed)
    return list(balanced_sampler(ENTRIES, power=power))


@pytest.mark.parametrize(("power", "share"), [(1.0, 0.5), (0.5, 0.0913), (0.0, 0.01)])
def test_the_share_of_the_small_source(power, share):
    """n^(1 - power) of each: 1/2, sqrt(10)/(sqrt(10) + sqrt(990)), and 10 of 1000; 1000 are drawn."""
    counts = [Counter(number < 10 for number in drawn(power, seed))[True] for seed in range(20)]
    assert len(drawn(power)) == 1000
    assert sum(counts) / 20_000 == pytest.approx(share, abs=0.01)


def test_the_seed_is_torchs():
    """The same seed, the same images; so an epoch can be run again."""
    assert drawn(1.0, 3) == drawn(1.0, 3) != drawn(1.0, 4)


def test_images_without_a_source():
    """The first one is named."""
    with pytest.raises(DataError, match=r"a\.png: has no column 'source'"):
        balanced_sampler([{"image": "a.png", "label": {"image": "a.png"}}])
    with pytest.raises(DataError, match="has no column"):
        balanced_sampler([{"image": "a.png", "label": "generate"}])
