"""Localisation metrics of a heat map against the bounding boxes of one finding.

Pointing game: J. Zhang et al., Top-down Neural Attention by Excitation Backprop, IJCV 126:1084-1102, 2018.
IoU@T and IoBB@T: X. Wang et al., ChestX-ray8, CVPR 2017:3462-3471, section 4 and its supplement.
`cxrtk.evaluation.localisation_summary` aggregates the cases to rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch.nn.functional import interpolate

from cxrtk.data.boxes import FindingBox
from cxrtk.errors import ConfigError, DataError, NonFiniteError

Array = npt.NDArray[np.float64]
Edges = npt.NDArray[np.float64]  # (N, 4): left, upper, right, lower edge in pixels

# Wang et al. scale a map to [0, 255], threshold it at 60 and at 180, and use the boxes of both.
SHARES: Final = (60 / 255, 180 / 255)
_SAME = 1e-9  # fraction of the map's range within which values count as equal
_FLAT = 1e-6  # fraction of its largest value: a smaller range is rounding, not contrast
_TOUCHING = np.ones((3, 3), bool)  # 8-connectivity


@dataclass(frozen=True)
class LocalisedCase:
    """Localisation scores of one finding's map on one image.

    Attributes:
        image: File name of the image.
        patient: Patient of the image.
        finding: Finding of the map and of the boxes.
        contrast: Whether the map has contrast. A constant map has no maximum and no region, so it hits
            nothing.
        pointing: Whether the pointing game is a hit.
        chance: Probability that a uniformly random point would be a hit, as a fraction of the image.
        ious: Per region of the map: intersection over union with the best-matching box.
        iobbs: Per region: intersection over the area of the region's own box, for the best-matching box.
    """

    image: str
    patient: str
    finding: str
    contrast: bool
    pointing: bool
    chance: float
    ious: tuple[float, ...]
    iobbs: tuple[float, ...]


def localise(
    heat: npt.ArrayLike,
    boxes: Sequence[FindingBox],
    shape: tuple[int, int],
    *,
    tolerance: float = 0.0,
    shares: Sequence[float] = SHARES,
) -> LocalisedCase:
    """Score one heat map against the boxes of its finding.

    Args:
        heat: (h, w) map of any range, higher where the finding is predicted. Resized to `shape`, bilinear.
        boxes: At least one box, all of one image and one finding, in pixels of `shape`
            (`cxrtk.data.boxes.scale_box` converts those of the NIH).
        shape: (rows, columns) of the image.
        tolerance: Maximum distance in pixels of the maximum from a box. Zhang et al. allow 15 at the sizes of
            PASCAL VOC and COCO.
        shares: Thresholds that define regions, 0 at the minimum and 1 at the maximum of the map; the regions
            of all thresholds count.

    Raises:
        DataError: The boxes are of several images or findings, or there is none; or `heat` is not (h, w).
        NonFiniteError: The map contains NaN or an infinite value.
        ConfigError: `tolerance` or a share is out of range.
    """
    if len({(box.image, box.finding) for box in boxes}) != 1:
        raise DataError(f"Needs boxes of one finding on one image, not {list(boxes)}.")
    if tolerance < 0 or not shares or not all(0 < share <= 1 for share in shares):
        raise ConfigError(f"tolerance goes from 0 on, shares above 0 to 1, not {tolerance} and {shares}.")
    resized = resize_map(heat, shape)
    contrast = has_contrast(resized)
    truth = _edges_of(boxes)
    near = within(truth, shape, tolerance)
    found = region_boxes(resized, shares) if contrast else np.empty((0, 4))
    ious, iobbs = overlaps(found, truth)
    return LocalisedCase(
        boxes[0].image,
        boxes[0].patient,
        boxes[0].finding,
        contrast,
        contrast and bool(near[maxima(resized)].all()),
        float(near.mean()),
        tuple(ious.max(axis=1).tolist()),
        tuple(iobbs.max(axis=1).tolist()),
    )


def resize_map(heat: npt.ArrayLike, shape: tuple[int, int]) -> Array:
    """Resize (h, w) to (H, W) float64, bilinear, with the outer edges aligned; see `localise`."""
    array = np.array(heat, dtype=np.float64)
    if array.ndim != 2 or not array.size:
        raise DataError(f"A heat map is (h, w), not {array.shape}.")
    if not np.isfinite(array).all():
        raise NonFiniteError("The heat map holds NaN or an infinite number; check the network's weights.")
    wide = interpolate(torch.from_numpy(array)[None, None], shape, mode="bilinear", align_corners=False)
    resized: Array = wide[0, 0].numpy()
    return resized


def has_contrast(heat: Array) -> bool:
    """Return whether the range of the map exceeds rounding error."""
    return bool(heat.max() - heat.min() > _FLAT * np.abs(heat).max())


def maxima(heat: Array) -> npt.NDArray[np.bool_]:
    """Return the (H, W) bool mask of all pixels with the maximum value.

    Interpolating a coarse map produces such ties, for example at the image border. The pointing game is a hit
    only if all of them lie in a box, so that the result does not depend on pixel order.
    """
    highest, lowest = heat.max(), heat.min()
    tied: npt.NDArray[np.bool_] = heat >= highest - _SAME * (highest - lowest)
    return tied


def within(truth: Edges, shape: tuple[int, int], tolerance: float = 0.0) -> npt.NDArray[np.bool_]:
    """Return the (H, W) bool mask of pixels with their centre in a box or at most `tolerance` pixels away."""
    y, x = np.arange(shape[0])[:, None] + 0.5, np.arange(shape[1])[None] + 0.5
    near = np.zeros(shape, bool)
    for left, upper, right, lower in truth:
        aside = np.maximum(np.maximum(left - x, x - right), 0)
        above = np.maximum(np.maximum(upper - y, y - lower), 0)
        near |= np.hypot(aside, above) <= tolerance
    return near


def region_boxes(heat: Array, shares: Sequence[float] = SHARES) -> Edges:
    """Return the bounding boxes of the map's regions above each threshold, without duplicates.

    Args:
        heat: (H, W) with contrast.
        shares: Thresholds, 0 at the minimum and 1 at the maximum. Regions are 8-connected.

    Returns:
        (N, 4) left, upper, right and lower edge in pixels.
    """
    lowest, span = heat.min(), heat.max() - heat.min()
    found: dict[tuple[int, ...], None] = {}
    for share in shares:
        regions, _ = ndimage.label(heat >= lowest + (share - _SAME) * span, _TOUCHING)
        for rows, columns in ndimage.find_objects(regions):
            found[columns.start, rows.start, columns.stop, rows.stop] = None
    return np.array(list(found), dtype=np.float64).reshape(-1, 4)


def overlaps(found: Edges, truth: Edges) -> tuple[Array, Array]:
    """Return (N, M) IoU and (N, M) intersection over predicted box of (N, 4) predicted, (M, 4) true boxes."""
    low = np.maximum(found[:, None, :2], truth[None, :, :2])
    high = np.minimum(found[:, None, 2:], truth[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    found_area = np.prod(found[:, 2:] - found[:, :2], axis=1)[:, None]
    truth_area = np.prod(truth[:, 2:] - truth[:, :2], axis=1)[None]
    return shared / (found_area + truth_area - shared), shared / found_area


def _edges_of(boxes: Sequence[FindingBox]) -> Edges:
    return np.array(
        [(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes], dtype=np.float64
    )
