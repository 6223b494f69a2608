"""Area-based resizing of partly unknown labels."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from monai.config.type_definitions import KeysCollection
from monai.data.meta_tensor import MetaTensor
from monai.transforms.transform import MapTransform

from cxrtk.data.partial import UNKNOWN


class ResizeClassesd(MapTransform):
    """Resize (C, H, W) labels of 1 (yes), 0 (no) and -1 (unknown) from `LoadClassesd`, by area.

    A pixel of the result is the fraction of its known area that is 1, so that outlines keep their subpixel
    position; nearest-neighbour sampling moves them by up to half a pixel. Where less than half of the area is
    known, the pixel is unknown.

    Args:
        keys: Keys of the labels.
        spatial_size: Rows and columns of the result.
        allow_missing_keys: Skip keys that an item does not have.
    """

    def __init__(
        self, keys: KeysCollection, spatial_size: Sequence[int], allow_missing_keys: bool = False
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.spatial_size = tuple(spatial_size)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Resize the labels of an item to float32 in [0, 1] or -1."""
        item = dict(data)
        for key in self.key_iterator(item):
            label = item[key]
            resized = resize_classes(torch.as_tensor(label).as_subclass(torch.Tensor), self.spatial_size)
            item[key] = MetaTensor(resized, meta=label.meta) if isinstance(label, MetaTensor) else resized
        return item


def resize_classes(label: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Resize (C, H, W) of 1, 0 and -1 to (C, size[0], size[1]) float32; see `ResizeClassesd`."""
    known = (label >= 0).float()
    yes = label.clamp(min=0).float()
    down, across = (_overlaps(length, new) for length, new in zip(label.shape[1:], size, strict=True))
    shares, known_shares = (down @ stack @ across.T for stack in (yes, known))
    result = (shares / known_shares.clamp(min=1e-6)).clamp(0.0, 1.0)
    result[known_shares < 0.5] = UNKNOWN
    return result


@lru_cache(maxsize=64)
def _overlaps(length: int, new: int) -> torch.Tensor:
    """Return the (new, length) fraction of each new pixel covered by each old one along one axis.

    Both rows of pixels have the same extent.
    """
    ends = torch.arange(new + 1, dtype=torch.float64) * length / new
    first, last = ends[:-1, None], ends[1:, None]
    pixel = torch.arange(length, dtype=torch.float64)
    overlap = torch.minimum(last, pixel + 1) - torch.maximum(first, pixel)
    return (overlap.clamp(min=0) * new / length).float()
