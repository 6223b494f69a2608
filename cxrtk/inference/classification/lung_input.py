"""A classifier's input: the whole image, its lungs alone, or the box around them."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from monai.config.type_definitions import KeysCollection
from monai.transforms.transform import MapTransform

from cxrtk.api import Radiograph
from cxrtk.classes import lung_indices
from cxrtk.errors import ConfigError
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models import shipping
from cxrtk.models.find import find_model
from cxrtk.models.model_file import Model

FULL, MASKED, CROPPED = INPUTS = ("full", "masked", "cropped")
MARGIN = 0.05  # of the box around the lungs, on each side
KEPT = 2  # models in memory

logger = logging.getLogger(__name__)


class Box(NamedTuple):
    """Rows ``top`` to ``bottom``, columns ``left`` to ``right``; the ends are not in it."""

    top: int
    bottom: int
    left: int
    right: int


class LungFinder:
    """The lungs of an image, by a segmentation model.

    Args:
        model: With a class ``lungs``, or ``right_lung`` and ``left_lung``.

    Raises:
        ConfigError: It has neither.
    """

    def __init__(self, model: Model) -> None:
        self._segmenter = Segmenter(model)
        self.about = model.about
        self._lungs = lung_indices(self._segmenter.classes)
        if not self._lungs:
            classes = ", ".join(model.spec.classes)
            raise ConfigError(f"model {model.spec.name}: finds no lungs, but {classes}.")

    def __call__(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8] | None:
        """(H, W) in [0, 1] -> (H, W) of zeros and ones: 1 in either lung.

        Returns:
            ``None`` where there are none, or where the model's own quality flag says that it failed.
        """
        found = self._segmenter.segment(Radiograph(pixels, None, None, {}))
        lungs: npt.NDArray[np.uint8] = found.masks[self._lungs].max(axis=0)
        return lungs if lungs.any() and found.quality.get("flag") != "failed" else None


class LungInputd(MapTransform):
    """Leave of an image what a classifier shall see.

    Where no lungs are found, or the model's quality flag says that it failed, the whole image stays, with a
    warning that names the file.

    Args:
        keys: Keys of (1, H, W) images in [0, 1], brighter is denser.
        lungs: ``full``: the image as it is. ``masked``: 0 outside the lungs. ``cropped``: the box around the
            lungs, `MARGIN` wider on each side.
        model: Which segmentation model finds them; see `cxrtk.models.find_model`.
        allow_missing_keys: Pass over a key that an item does not have.

    Raises:
        ConfigError: No such input or model, or the model finds no lungs.
    """

    def __init__(
        self,
        keys: KeysCollection,
        lungs: str = FULL,
        model: str = shipping.DEFAULT,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        if lungs not in INPUTS:
            raise ConfigError(f"lungs must be one of {', '.join(INPUTS)}, not {lungs!r}.")
        self.lungs = lungs
        self.model = model
        # Part of what a cache on disk tells items apart by; the model itself is kept elsewhere, so that this
        # transform can be sent to worker processes.
        self.sha256 = "" if lungs == FULL else _load(model).sha256

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Item with an image -> item with what is left of it."""
        item = dict(data)
        if self.lungs != FULL:
            for key in self.key_iterator(item):
                item[key] = self._left(item[key])
        return item

    def _left(self, image: torch.Tensor) -> torch.Tensor:
        name = str(getattr(image, "meta", {}).get("filename_or_obj", "an image"))
        return leave(image, self.lungs, _finder(self.model, self.sha256), name)[0]


def leave(image: torch.Tensor, lungs: str, finder: LungFinder, name: str) -> tuple[torch.Tensor, Box]:
    """What is left of an image, and where in it that lies.

    Args:
        image: (1, H, W) in [0, 1].
        lungs: One of `INPUTS`.
        finder: Finds them.
        name: Of the file, for the warning where it finds none.
    """
    whole = Box(0, image.shape[1], 0, image.shape[2])
    if lungs == FULL:
        return image, whole
    mask = finder(image[0].numpy(force=True))
    if mask is None:
        logger.warning("%s: no lungs were found; the whole image is used.", name)
        return image, whole
    if lungs == CROPPED:
        box = box_around(mask)
        return image[:, box.top : box.bottom, box.left : box.right], box
    return image * torch.from_numpy(mask), whole


def box_around(mask: npt.NDArray[np.uint8], margin: float = MARGIN) -> Box:
    """The box around a (H, W) mask, which is not empty; wider on each side by a share of its own size."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom = _wider(int(rows[0]), int(rows[-1]) + 1, mask.shape[0], margin)
    left, right = _wider(int(columns[0]), int(columns[-1]) + 1, mask.shape[1], margin)
    return Box(top, bottom, left, right)


def _wider(start: int, end: int, size: int, margin: float) -> tuple[int, int]:
    by = round((end - start) * margin)
    return max(start - by, 0), min(end + by, size)


def _load(model: str) -> Model:
    found = find_model(model)
    LungFinder(found)  # refuses a model that finds no lungs
    return found


@lru_cache(maxsize=KEPT)
def _finder(model: str, sha256: str) -> LungFinder:
    """Kept in each process; `sha256` is there so that a changed file is loaded again."""
    return LungFinder(find_model(model))
