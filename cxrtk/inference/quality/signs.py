"""Signs of a failed segmentation, computed from a network's probabilities without ground truth.

The signs measure the network's agreement with itself (on a mirrored and a shifted view) and its uncertainty
(entropy), whether the masks are shaped like lungs and a heart, and whether the image supports them. Their
names and meanings are in `cxrtk.inference.quality.words`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, WITH_HEART, lung_indices
from cxrtk.data.pixels.frontal import reduced, stretched
from cxrtk.data.pixels.polarity import density_contrast
from cxrtk.inference.quality.distance import Distance
from cxrtk.inference.quality.filters import dilated, eroded, smoothed
from cxrtk.inference.quality.heart import heart_signs, united_signs
from cxrtk.inference.quality.outline import LEAST_AREA, edge_gradient, edge_share, solidity
from cxrtk.inference.quality.overlap import dice, entropy_bits
from cxrtk.models.postprocess import binary, clean
from cxrtk.models.views import combined

MARGIN = 13  # width in pixels; six on either side of the outline count as neither inside nor outside
LEAST_SPREAD = 1e-3  # of grey levels in [0, 1]; a constant image has no spread
SURROUNDINGS = 41  # width in pixels; 20 of them outside the outline

Masks = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float64]


def signs(
    views: npt.NDArray[np.float32],
    classes: Sequence[str],
    threshold: float,
    pixels: npt.NDArray[np.float32],
    appearance: float | None = None,
    shape: Distance | None = None,
) -> dict[str, float]:
    """Compute the signs of one image; signs without their inputs are left out.

    Args:
        views: (V, C, S, S) probabilities for the image itself, the shifted view and the mirrored view, the
            latter two transformed back.
        classes: C names.
        threshold: Threshold of the masks.
        pixels: (H, W) image in [0, 1].
        appearance: Distance of the network's features from those of the training images.
        shape: Distance of the result of `shape_of` from that of the training images.
    """
    lungs = lung_indices(classes)
    raw = binary(combined(views), classes, threshold)
    kept = clean(raw, classes)
    found = {"contrast": density_contrast(pixels), **_lung_signs(views, classes, threshold, raw, kept)}
    found |= _picture_signs(kept[lungs], picture_of(pixels, kept.shape[1]))
    if HEART in classes:
        found |= heart_signs(views, classes, threshold, raw, kept)
    if WITH_HEART in classes:
        found |= united_signs(views, classes, threshold, kept)
    if shape is not None:
        found["shape"] = shape(shape_of(kept))
    if appearance is not None:
        found["appearance"] = appearance
    return found


def _lung_signs(
    views: npt.NDArray[np.float32], classes: Sequence[str], threshold: float, raw: Masks, kept: Masks
) -> dict[str, float]:
    """Compute the signs of the lungs from the views and from the masks before and after post-processing."""
    lungs = lung_indices(classes)
    each = [binary(view, classes, threshold)[lungs] for view in views]
    area = int(np.count_nonzero(kept[lungs].max(axis=0)))
    bits = entropy_bits(views[:, lungs].mean(axis=0).max(axis=0))
    found = {
        "agreement": dice(each[0].max(axis=0), each[-1].max(axis=0)),
        "side_agreement": min(dice(one, other) for one, other in zip(each[0], each[-1], strict=True)),
        "stability": dice(each[0].max(axis=0), each[1].max(axis=0)),
        "entropy": float(bits.sum() / max(area, LEAST_AREA)),
        "fragments": 1.0 - area / max(int(np.count_nonzero(raw[lungs].max(axis=0))), LEAST_AREA, area),
        "area": area / kept[0].size,
        "solidity": min(solidity(kept[lung]) for lung in lungs),
    }
    if len(lungs) == 2:
        sizes = [int(np.count_nonzero(kept[lung])) for lung in lungs]
        found["smaller_lung"] = min(sizes) / max(sum(sizes), 1)
    return found | _inside_and_outside(bits, kept[lungs].max(axis=0))


def _inside_and_outside(bits: Vector, lungs: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Return the entropy well inside the lungs, per pixel there, and far from them, per lung pixel."""
    inside = eroded(lungs, MARGIN) > 0
    outside = dilated(lungs, MARGIN) == 0
    return {
        "inner_entropy": float(bits[inside].mean()) if inside.any() else 1.0,
        "outer_entropy": float(bits[outside].sum() / max(int(np.count_nonzero(lungs)), LEAST_AREA)),
    }


def _picture_signs(lungs: Masks, picture: npt.NDArray[np.float32]) -> dict[str, float]:
    """Compute how well an (S, S) image supports the (L, S, S) lung masks, by edges and by grey levels.

    ``separation`` is the difference between the mean grey levels around and inside the lungs, in units of
    their standard deviations; ``grey_spread`` is the larger standard deviation within a lung;
    ``edge_gradient`` is the mean gradient along the outlines, per pixel, in standard deviations of the image.
    """
    smooth = smoothed(picture, 1.0)
    both = lungs.max(axis=0)
    ring = (both == 0) & (dilated(both, SURROUNDINGS) > 0)
    found = {
        "edge_share": min(edge_share(lung, picture) for lung in lungs),
        "edge_gradient": edge_gradient(both, smooth) / (float(picture.std()) + LEAST_SPREAD),
        "separation": 0.0,
        "grey_spread": max(
            float(smooth[lung > 0].std()) if np.count_nonzero(lung) > LEAST_AREA else 0.5 for lung in lungs
        ),
    }
    if np.count_nonzero(both) > LEAST_AREA and ring.any():
        inside, around = smooth[both > 0], smooth[ring]
        spread = np.sqrt((inside.var() + around.var()) / 2 + 1e-4)
        found["separation"] = float((around.mean() - inside.mean()) / spread)
    return found


def shape_of(masks: npt.NDArray[np.uint8]) -> list[float]:
    """Return seven numbers per (C, S, S) mask, in units of S: root of area, centre, size and two spreads."""
    side = masks.shape[-1]
    numbers: list[float] = []
    for mask in masks:
        rows, columns = np.nonzero(mask)
        if rows.size < LEAST_AREA:
            numbers += [0.0] * 7
            continue
        numbers += [
            np.sqrt(rows.size) / side,
            rows.mean() / side,
            columns.mean() / side,
            np.ptp(rows) / side,
            np.ptp(columns) / side,
            rows.std() / side,
            columns.std() / side,
        ]
    return [float(number) for number in numbers]


def picture_of(pixels: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    """Stretch an (H, W) image to [0, 1] and shrink it to (side, side), as in the network's input."""
    if pixels.shape == (side, side):
        return pixels
    return stretched(reduced(pixels, side, side))
