"""Sampling that balances the data sets of a mixture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils.data import WeightedRandomSampler

from cxrtk.errors import DataError


def balanced_sampler(
    entries: Sequence[Mapping[str, Any]], by: str = "source", power: float = 1.0
) -> WeightedRandomSampler:
    """Return a sampler for a data loader: one epoch's number of images, drawn with replacement.

    Its random numbers are torch's own, which `cxrtk.training` seeds at the start of each epoch.

    Args:
        entries: Entries of `DataLists`: ``{"image": ..., "label": the reader's item}``.
        by: Column of the item to balance by: each of its values is drawn equally often.
        power: 1 balances the values; 0 draws each image equally often; 0.5 lies between.

    Raises:
        DataError: An entry has no such column.
    """
    values = []
    for entry in entries:
        item = entry["label"]
        if not isinstance(item, Mapping) or by not in item:
            raise DataError(f"{entry['image']}: has no column {by!r} by which to balance the images.")
        values.append(item[by])
    count = Counter(values)
    weights = torch.tensor([count[value] ** -power for value in values], dtype=torch.float64)
    return WeightedRandomSampler(weights.tolist(), num_samples=len(values), replacement=True)
