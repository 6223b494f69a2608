"""Input of a classifier: the whole image, the image masked to the lungs, or a crop around the lungs."""

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
MARGIN = 0.05  # added on each side, as a fraction of the lungs' box
KEPT = 2  # models kept in memory

logger = logging.getLogger(__name__)


class Box(NamedTuple):
    """Bounding box from row ``top`` to ``bottom`` and column ``left`` to ``right``, ends exclusive."""

    top: int
    bottom: int
    left: int
    right: int


class LungFinder:
    """Finds the lungs of an image with a segmentation model.

    Args:
        model: Model with a class ``lungs``, or with ``right_lung`` and ``left_lung``.

    Raises:
        ConfigError: The model has neither.
    """

    def __init__(self, model: Model) -> None:
        self._segmenter = Segmenter(model)
        self.about = model.about
        self._lungs = lung_indices(self._segmenter.classes)
        if not self._lungs:
            classes = ", ".join(model.spec.classes)
            raise ConfigError(f"model {model.spec.name}: finds no lungs, but {classes}.")

    def __call__(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8] | None:
        """Segment an (H, W) image in [0, 1]; return an (H, W) mask that is 1 in either lung and 0 elsewhere.

        Returns:
            The mask, or ``None`` if no lungs were found or the quality flag of the model is ``failed``.
        """
        found = self._segmenter.segment(Radiograph(pixels, None, None, {}))
        lungs: npt.NDArray[np.uint8] = found.masks[self._lungs].max(axis=0)
        return lungs if lungs.any() and found.quality.get("flag") != "failed" else None


class LungInputd(MapTransform):
    """Mask or crop an image to the lungs.

    If no lungs are found, or if the quality flag of the model is ``failed``, the whole image is kept and a
    warning that names the file is logged.

    Args:
        keys: Keys of (1, H, W) images in [0, 1], in which brighter is denser.
        lungs: ``full`` keeps the image as it is, ``masked`` sets pixels outside the lungs to 0, ``cropped``
            crops to the lungs' box, `MARGIN` wider on each side.
        model: Name or path of the segmentation model; see `cxrtk.models.find_model`.
        allow_missing_keys: Skip keys that an item does not have.

    Raises:
        ConfigError: The input or the model does not exist, or the model does not segment lungs.
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
        # These attributes are part of the key of a cache on disk. The model is kept outside this transform,
        # so that the transform can be sent to worker processes.
        self.sha256 = "" if lungs == FULL else _load(model).sha256

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the image of an item by the image masked or cropped to the lungs."""
        item = dict(data)
        if self.lungs != FULL:
            for key in self.key_iterator(item):
                item[key] = self._left(item[key])
        return item

    def _left(self, image: torch.Tensor) -> torch.Tensor:
        name = str(getattr(image, "meta", {}).get("filename_or_obj", "an image"))
        return leave(image, self.lungs, _finder(self.model, self.sha256), name)[0]


def leave(image: torch.Tensor, lungs: str, finder: LungFinder, name: str) -> tuple[torch.Tensor, Box]:
    """Mask or crop an image to the lungs; return it with the box that it covers in the original image.

    Args:
        image: (1, H, W) in [0, 1].
        lungs: One of `INPUTS`.
        finder: Finds the lungs.
        name: File name for the warning that is logged if no lungs are found.
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
    """Return the bounding box of a non-empty (H, W) mask, enlarged on each side by a fraction of its size."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom = _wider(int(rows[0]), int(rows[-1]) + 1, mask.shape[0], margin)
    left, right = _wider(int(columns[0]), int(columns[-1]) + 1, mask.shape[1], margin)
    return Box(top, bottom, left, right)


def _wider(start: int, end: int, size: int, margin: float) -> tuple[int, int]:
    by = round((end - start) * margin)
    return max(start - by, 0), min(end + by, size)


def _load(model: str) -> Model:
    found = find_model(model)
    LungFinder(found)  # raises if the model does not segment lungs
    return found


@lru_cache(maxsize=KEPT)
def _finder(model: str, sha256: str) -> LungFinder:
    """Load a lung model once per process; `sha256` is an argument so that a changed file is loaded again."""
    return LungFinder(find_model(model))
