"""Labels with user-defined classes, for networks with other outputs than the shipped model."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.config.type_definitions import KeysCollection
from monai.data.meta_tensor import MetaTensor

from cxrtk.api import Reader
from cxrtk.classes import LUNGS
from cxrtk.data.partial import UNKNOWN
from cxrtk.data.transforms import LoadLabeld
from cxrtk.errors import ConfigError, CxrReadError


class LoadOwnClassesd(LoadLabeld):
    """Replace a reader's item by named classes: (C, H, W) float32 of 1 (yes), 0 (no) and -1 (unknown).

    The classes are those of the reader's labels, in the order of the list. ``lungs`` is available in any
    label of lungs. All pixels are unknown for a class that a label lacks, and so are the pixels to ignore;
    `KnownDiceBCE` and `ResizeClassesd` take unknown pixels into account.

    Args:
        keys: Keys that hold one of the reader's `items()`.
        reader: Reader of the labels.
        classes: Names of the classes, each once.
        allow_missing_keys: Skip keys that an item does not have.
        image_key: Key of the image; the label must have the same size.

    Raises:
        ConfigError: No class is given, or one is given twice.
        CxrReadError: The label is unreadable, missing, of another size, or has none of the classes.
    """

    def __init__(
        self,
        keys: KeysCollection,
        reader: Reader,
        classes: Sequence[str],
        allow_missing_keys: bool = False,
        image_key: str = "image",
    ) -> None:
        super().__init__(keys, reader, allow_missing_keys, image_key)
        self.classes = tuple(classes)
        if not self.classes or len(set(self.classes)) < len(self.classes):
            raise ConfigError(f"classes must name at least one class, each once, not {list(classes)}.")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the reader's item by the stack of classes."""
        item = dict(data)
        for key in self.key_iterator(item):
            path = str(item[key]["image"])
            values = torch.from_numpy(self._read(item[key], path))
            image = item.get(self.image_key)
            if image is not None and hasattr(image, "shape") and tuple(image.shape[1:]) != values.shape[1:]:
                what = f"its label is {values.shape[2]} x {values.shape[1]} pixels, not the image's size"
                raise CxrReadError(path, what, cure="make both the same size", code="size")
            item[key] = MetaTensor(values, meta={"filename_or_obj": path})
        return item

    def _read(self, item: Mapping[str, Any], path: str) -> Any:
        label = self.reader.read_label(item)
        if label is None:
            raise CxrReadError(path, "has no mask", cure="add one, or leave the image out", code="label")
        masks = dict(zip(label.classes, label.masks, strict=True))
        if LUNGS in self.classes and LUNGS not in masks:
            masks[LUNGS] = label.lungs()
        if not masks.keys() & set(self.classes):
            what = f"its label holds {', '.join(label.classes)}, and none of {', '.join(self.classes)}"
            raise CxrReadError(path, what, cure="correct the list of classes", code="label")
        unknown = np.full(label.masks.shape[1:], UNKNOWN, np.float32)
        values = np.stack([masks.get(name, unknown).astype(np.float32) for name in self.classes])
        if label.ignore is not None:
            values[:, label.ignore == 1] = UNKNOWN
        return values
