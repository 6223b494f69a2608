"""Horizontal flip of image and label, with right and left classes swapped."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.config.type_definitions import KeysCollection
from monai.transforms.transform import MapTransform, RandomizableTransform


class RandMirrord(RandomizableTransform, MapTransform):
    """Flip image and label left to right, and swap the channels of the two sides.

    A flipped radiograph is indistinguishable from one of a person with dextrocardia. The side of a lung is
    therefore defined by its position: the right lung is on the image's left.

    Args:
        keys: Keys of the image and the label.
        label_key: Key, one of `keys`, of the label with sides.
        sides: The two channels of the label to swap.
        prob: Probability of applying the transform.
    """

    def __init__(
        self, keys: KeysCollection, label_key: str = "label", sides: Sequence[int] = (0, 1), prob: float = 0.5
    ) -> None:
        MapTransform.__init__(self, keys)
        RandomizableTransform.__init__(self, prob)
        self.label_key = label_key
        self.sides = tuple(sides)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Transform an item, keeping all shapes."""
        item = dict(data)
        self.randomize(None)
        if not self._do_transform:
            return item
        for key in self.key_iterator(item):
            mirrored = torch.flip(item[key], dims=(-1,))
            if key == self.label_key:
                mirrored = mirrored[self.order(mirrored.shape[0])]
            item[key] = mirrored
        return item

    def order(self, channels: int) -> list[int]:
        """Return the order of a mirrored label's channels, in which the two sides are swapped."""
        order = list(range(channels))
        first, second = self.sides
        order[first], order[second] = second, first
        return order
