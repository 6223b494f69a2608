"""Base class of the random transforms that change the image alone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from monai.config.type_definitions import KeysCollection
from monai.data.meta_tensor import MetaTensor
from monai.transforms.transform import MapTransform, RandomizableTransform

Array = npt.NDArray[np.float32]


def array_of(tensor: torch.Tensor) -> Array:
    """Return the tensor's memory as an array; numpy's `asarray` of a `MetaTensor` warns."""
    array: Array = tensor.as_subclass(torch.Tensor).numpy()
    return array


def with_array(tensor: torch.Tensor, array: Array) -> torch.Tensor:
    """Return `array` as a tensor with the metadata of `tensor`; the array's memory is shared."""
    made = torch.from_numpy(array)
    if not isinstance(tensor, MetaTensor):
        return made
    with_meta = made.as_subclass(MetaTensor)
    with_meta.copy_meta_from(tensor, copy_attr=False)
    return with_meta


class RandImaged(RandomizableTransform, MapTransform):
    """Random change of the image alone; subclasses implement `change`."""

    def __init__(self, keys: KeysCollection, prob: float) -> None:
        MapTransform.__init__(self, keys)
        RandomizableTransform.__init__(self, prob)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Transform an item with probability `prob`."""
        item = dict(data)
        self.randomize(None)
        if not self._do_transform:
            return item
        for key in self.key_iterator(item):
            image = item[key]
            changed = self.change(array_of(image)[0].copy(), item)  # (H, W)
            item[key] = with_array(image, np.clip(changed, 0.0, 1.0, dtype=np.float32)[None])
        return item

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Return the changed image, (H, W) in [0, 1]; randomness comes from `self.R`."""
        raise NotImplementedError
