"""Transform that loads image-level findings."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from monai.config.type_definitions import KeysCollection
from monai.data.meta_tensor import MetaTensor
from monai.transforms.transform import MapTransform

from cxrtk.data.findings import FINDINGS, encode
from cxrtk.errors import DataError


def findings_of(item: Mapping[str, Any], names: Sequence[str] = FINDINGS) -> npt.NDArray[np.float32]:
    """Encode the findings of one of a reader's `items()`: (N,) float32, 1 for each finding present.

    Raises:
        DataError: The findings are missing, or include a name outside `FINDINGS`; names the image.
    """
    try:
        return encode(item.get("findings"), names)
    except DataError as error:
        raise DataError(f"{item['image']}: {error}") from error


class LoadFindingsd(MapTransform):
    """Replace a reader's item by its findings: (N,) float32, 1 for each finding present.

    Args:
        keys: Keys that hold one of the reader's `items()`.
        names: Findings, in the order of the network's outputs.
        allow_missing_keys: Skip keys that an item does not have.

    Raises:
        DataError: The findings are missing, or include a name outside `FINDINGS`.
    """

    def __init__(
        self, keys: KeysCollection, names: Sequence[str] = FINDINGS, allow_missing_keys: bool = False
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.names = tuple(names)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the reader's item by its encoded findings."""
        item = dict(data)
        for key in self.key_iterator(item):
            source = item[key]
            numbers = torch.from_numpy(findings_of(source, self.names))
            item[key] = MetaTensor(numbers, meta={"filename_or_obj": str(source["image"])})
        return item
