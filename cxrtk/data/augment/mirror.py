"""The mirror image of a chest, in which right and left change places."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.config.type_definitions import KeysCollection
from monai.transforms.transform import MapTransform, RandomizableTransform


class RandMirrord(RandomizableTransform, MapTransform):
    """Mirror image and label left to right, and swap the channels that are sides.

    A mirrored radiograph cannot be told from one of a person with the heart on the right. The side of a lung
    is therefore where it lies: the right lung is on the image's left.

    Args:
        keys: Image and label.
        label_key: The one of `keys` that has sides.
        sides: The two channels of the label that change places.
        prob: How often.
    """

    def __init__(
        self, keys: KeysCollection, label_key: str = "label", sides: Sequence[int] = (0, 1), prob: float = 0.5
    ) -> None:
        MapTransform.__init__(self, keys)
        RandomizableTransform.__init__(self, prob)
        self.label_key = label_key
        self.sides = tuple(sides)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Item -> item of the same shapes."""
        item = dict(data)
        self.randomize(None)
        if not self._do_transform:
            return item
        for key in self.key_iterator(item):
            mirrored = torch.flip(item[key], dims=(-1,))
            if key == self.label_key:
                order = list(range(mirrored.shape[0]))
                first, second = self.sides
                order[first], order[second] = second, first
                mirrored = mirrored[order]
            item[key] = mirrored
        return item
