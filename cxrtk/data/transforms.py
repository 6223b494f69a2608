"""MONAI transforms that load a radiograph or label by a reader, or generate a mask."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config.type_definitions import KeysCollection
from monai.data.meta_tensor import MetaTensor
from monai.transforms.transform import MapTransform

from cxrtk.api import Label, MaskGenerator, Reader
from cxrtk.errors import CxrReadError

GENERATE = "generate"  # marks the label of an item if the mask is to be generated from the image


class LoadRadiographd(MapTransform):
    """Replace a path by its radiograph: a (1, H, W) float32 `MetaTensor` in [0, 1], brighter is denser.

    The transform calls only `reader`, whereas MONAI's `LoadImaged` falls back to another reader on an error.

    Args:
        keys: Keys that hold paths.
        reader: Reader of the radiographs.
        allow_missing_keys: Skip keys that an item does not have.

    Raises:
        CxrReadError: A file cannot be read.
    """

    def __init__(self, keys: KeysCollection, reader: Reader, allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.reader = reader

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the paths of an item by radiographs."""
        item = dict(data)
        for key in self.key_iterator(item):
            path = item[key]
            # Copied because torch accepts no flipped or read-only array, and the reader may keep its own.
            pixels = self.reader.read(path).pixels.copy()  # (H, W)
            item[key] = MetaTensor(torch.from_numpy(pixels)[None], meta={"filename_or_obj": str(path)})
        return item


class LoadLabeld(MapTransform):
    """Replace a reader's item by its lung mask: (1, H, W) float32, 1 in either lung, never in the heart.

    A key that holds `GENERATE` is left for `GenerateMaskd`.

    Args:
        keys: Keys that hold one of the reader's `items()`.
        reader: Reader of the labels.
        allow_missing_keys: Skip keys that an item does not have.
        image_key: Key of the image. Where `LoadRadiographd` has read it, the mask must have its size, so
            transforms that change the size must come after both.

    Raises:
        CxrReadError: The label cannot be read, is missing, holds no lungs, or is of another size.
    """

    def __init__(
        self,
        keys: KeysCollection,
        reader: Reader,
        allow_missing_keys: bool = False,
        image_key: str = "image",
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.reader = reader
        self.image_key = image_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the reader's item by the lung mask."""
        item = dict(data)
        for key in self.key_iterator(item):
            if isinstance(item[key], Mapping):
                path = str(item[key]["image"])
                mask = torch.from_numpy(_lungs(self.reader.read_label(item[key]), path)).float()[None]
                refuse_other_size(self.reader, item[key], mask, item.get(self.image_key))
                item[key] = MetaTensor(mask, meta={"filename_or_obj": path})
        return item


class GenerateMaskd(MapTransform):
    """Generate the labels that are marked `GENERATE` from the image: (1, H, W) float32 of zeros and ones.

    Args:
        keys: Keys of the labels.
        generator: Mask generator, (1, H, W) in [0, 1] -> (1, H, W) of zeros and ones.
        image_key: Key of the image from `LoadRadiographd`.
        allow_missing_keys: Skip keys that an item does not have.
    """

    def __init__(
        self,
        keys: KeysCollection,
        generator: MaskGenerator,
        image_key: str = "image",
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.generator = generator
        self.image_key = image_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the markers of an item by generated masks."""
        item = dict(data)
        for key in self.key_iterator(item):
            if isinstance(item[key], str) and item[key] == GENERATE:
                image = item[self.image_key]
                mask = self.generator(torch.as_tensor(image).as_subclass(torch.Tensor))
                item[key] = MetaTensor(mask.as_subclass(torch.Tensor).float(), meta=dict(image.meta))
        return item


def refuse_other_size(reader: Reader, item: Mapping[str, Any], mask: torch.Tensor, image: Any) -> None:
    """Refuse a mask of another size than its image, which would otherwise be stretched silently.

    Args:
        reader: Reader of the item, which knows the mask's file.
        item: One of the reader's `items()`.
        mask: (C, H, W) mask.
        image: (1, H, W) image, or anything else where the image is not loaded yet.

    Raises:
        CxrReadError: The sizes differ; names both files.
    """
    if not isinstance(image, torch.Tensor) or image.shape[1:] == mask.shape[1:]:
        return
    path = str(item["image"])
    own = next((file for file in reader.files(item) if file != path), path)
    (height, width), (rows, columns) = mask.shape[1:], image.shape[1:]
    what = f"the mask is {width} x {height} pixels, but its image {path} is {columns} x {rows}"
    raise CxrReadError(own, what, cure="make both the same size", code="size")


def _lungs(label: Label | None, path: str) -> Any:
    if label is None:
        cure = "add one, or let one be generated (--labels generated)"
        raise CxrReadError(path, "has no mask", cure=cure, code="label")
    try:
        return label.lungs()
    except ValueError as error:
        what = f"its label holds no lungs: {error}"
        raise CxrReadError(path, what, cure="check the label's classes", code="label") from error
