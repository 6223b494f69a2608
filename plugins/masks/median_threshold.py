"""Mask generator: pixels darker than the local median; see docs/mask_generators.md."""

from __future__ import annotations

import torch
from monai.data.meta_tensor import MetaTensor

from cxrtk import masks, regions


@masks.register("median_threshold")
class MedianThreshold:
    """Mask generator with a local median threshold, followed by two smooth regions.

    Pixels darker than the median of the body's pixels under a wide window vote for lung. The masks are weak
    labels, not ground truth. The defaults were chosen on the data set ``jsrt`` alone.

    Args:
        window: Standard deviation of the Gaussian window, in pixels of the 256 x 256 grid to which every
            image is resampled; ``None`` uses the median of the whole body.
        gain: Slope at which a vote saturates with the distance from the threshold, in local spreads.
        smoothing: Standard deviation, in pixels, of the Gaussian smoothing before voting.
        air: Fraction of the image mean below which a pixel connected to the border is outside the body.
        edge: Weight of the dark-to-bright gradient across an outline, relative to the votes inside it.
        closing: Number of rays (of 128) over which concavities of the outline are closed.
        margin: Pixels by which the regions are dilated.

    Raises:
        ValueError: A window, gain or air is not positive, or the smoothing is negative.
    """

    def __init__(
        self,
        window: float | None = 80.0,
        gain: float = 1.0,
        smoothing: float = 1.5,
        air: float = 0.45,
        edge: float = 10.0,
        closing: int = 9,
        margin: float = 2.5,
    ) -> None:
        self.settings = regions.ThresholdSettings(
            window=window,
            gain=gain,
            smoothing=smoothing,
            air=air,
            shape=regions.LungShape(edge=edge, closing=closing, margin=margin),
        )

    def __call__(self, image: torch.Tensor) -> MetaTensor:
        """Segment a (1, H, W) float image in [0, 1]; return zeros and ones of the same shape.

        ``meta["statistics"]`` of the result holds the statistics of the image and the threshold.

        Raises:
            ValueError: The shape or type is wrong, or a value is NaN or outside [0, 1].
        """
        return regions.threshold_lungs(image, "median", self.settings)
