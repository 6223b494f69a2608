"""How many items fit into a cache."""

import pytest

from cxrtk.data import cache_num


@pytest.mark.parametrize(
    ("budget_gb", "image_size", "channels", "items"),
    [
        (1.0, 256, 1, 3814),  # 10^9 / 262,144 = 3814.7
        (1.0, 256, 2, 1907),
        (0.000262144, 256, 1, 1),  # exactly one
        (0.000262143, 256, 1, 0),  # a little less
        (4.0, 128, 4, 15258),
        (0.0, 256, 1, 0),
    ],
)
def test_whole_items_of_float32_fit(budget_gb, image_size, channels, items):
    """Budget / (channels x size x size x 4 bytes), rounded down, by hand."""
    assert cache_num(budget_gb, image_size, channels) == items


def test_the_whole_chestxray14_takes_29_gb():
    """112,120 images of 256 x 256 do not fit into 29 GB, but into 30."""
    assert cache_num(29.0, 256, 1) < 112_120 < cache_num(30.0, 256, 1)


@pytest.mark.parametrize("sizes", [(-1.0, 256, 1), (4.0, 0, 1), (4.0, 256, 0)])
def test_nonsense_is_refused(sizes):
    """A negative budget and images of no size are mistakes, not empty caches."""
    with pytest.raises(ValueError, match="positive sizes"):
        cache_num(*sizes)
