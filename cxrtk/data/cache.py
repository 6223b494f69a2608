"""Capacity of the in-memory cache."""

from __future__ import annotations

FLOAT32_BYTES = 4


def cache_num(budget_gb: float, image_size: int, channels: int) -> int:
    """Return how many items of `channels` square float32 images fit into the budget.

    The result is the ``cache_num`` of MONAI's ``CacheDataset``. Items past this number are read again in each
    epoch. 112,120 images of one channel at 256 x 256 would take 29 GB.

    Args:
        budget_gb: Memory in 10^9 bytes.
        image_size: Height and width in pixels.
        channels: Channels cached per item, image and label together.

    >>> cache_num(29.4, 256, 1)
    112152
    """
    if budget_gb < 0 or image_size <= 0 or channels <= 0:
        raise ValueError(f"cache_num needs positive sizes, not {budget_gb}, {image_size}, {channels}.")
    return int(budget_gb * 1e9 // (image_size * image_size * channels * FLOAT32_BYTES))
