"""Detection of images that are not frontal chest radiographs, by two heuristics.

The heuristics were tuned on the project's data (all 881 frontal images with masks, 204 of the NIH, 13 lateral
views and 6 CT slices), so their numbers there are no test; docs/check.md lists them. They flag images, but
exclude none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.data.pixels.percentiles import percentiles
from cxrtk.data.pixels.polarity import SAMPLES, density_contrast

Grey = npt.NDArray[np.floating[Any]]

# A lateral view: air in front of and behind the body, and no dense middle between two lungs.
SIDE_VIEW_CONTRAST = 0.12
SIDE_VIEW_MARGINS = 0.15
# A CT slice: the chest wall ends sharply, and no abdomen that is denser than the lungs lies below them.
SLICE_EDGES = 0.28
SLICE_BELLY = 0.2
# In a 64 x 64 image: rows of the margins, columns of the middle, rows of the lungs and of the abdomen.
_ROWS, _COLUMNS, _LUNGS, _BELLY, _MARGIN = np.s_[16:48], np.s_[16:48], np.s_[20:40], np.s_[44:], 3


def not_frontal(pixels: npt.NDArray[np.float32]) -> str:
    """Return why (H, W) pixels are no frontal chest; empty if they are one, or are too small to judge."""
    if min(pixels.shape) < SAMPLES:
        return ""
    picture = stretched(reduced(pixels, SAMPLES, SAMPLES))
    if picture.max() == picture.min():
        return ""
    margins = float((picture[_ROWS, :_MARGIN].mean() + picture[_ROWS, -_MARGIN:].mean()) / 2)
    contrast = density_contrast(pixels)
    if contrast < SIDE_VIEW_CONTRAST and margins < SIDE_VIEW_MARGINS:
        return f"like a side view: margins {margins:.2f}, contrast of the middle {contrast:.2f}"
    edges = percentiles(np.hypot(*np.gradient(picture)), (95,))[0]
    middle = picture[:, _COLUMNS]
    belly = float(middle[_BELLY].mean() - middle[_LUNGS].mean())
    if edges > SLICE_EDGES and belly < SLICE_BELLY:
        return f"like a slice: edges {edges:.2f}, belly {belly:.2f} denser than the lungs"
    return ""


def reduced(pixels: Grey, height: int, width: int) -> npt.NDArray[np.float32]:
    """Downsample (H, W) to (height, width) by area averaging."""
    image = Image.fromarray(np.asarray(pixels, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), dtype=np.float32)


def stretched(picture: Grey) -> Grey:
    """Rescale the 1st to the 99th percentile to [0, 1], clipped."""
    low, high = map(np.float64, percentiles(picture, (1, 99)))
    scaled: Grey = np.clip((picture - low) / max(float(high - low), 1e-6), 0.0, 1.0)
    return scaled
