"""Lungs as what is darker than the local mean; see docs/mask_generators.md."""

from __future__ import annotations

import torch
from monai.data.meta_tensor import MetaTensor

from cxrtk import masks, regions


@masks.register("mean_threshold")
class MeanThreshold:
    """Votes for lung below the mean of the body's pixels under a wide window, then two smooth regions.

    The masks are weak labels, no truth. The defaults were chosen on the data set ``jsrt`` alone.

    Args:
        window: Standard deviation of the window in pixels of the 256 x 256 grid that every image is worked
            on; ``None`` takes the mean of the whole body.
        gain: How quickly a vote saturates with the distance from the threshold, in local spreads.
        smoothing: Standard deviation in pixels of the smoothing before the votes.
        air: Fraction of the image's mean below which a pixel at the border is outside the body.
        edge: What an outline earns for passing from dark to bright, against the votes within it.
        closing: Rays (of 128) over which dents of the outline are closed.
        margin: Pixels added all round.

    Raises:
        ValueError: A window, gain or air that is not positive, or a negative smoothing.
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
        """(1, H, W) float in [0, 1] -> (1, H, W) of zeros and ones; ``meta["statistics"]`` says of what.

        Raises:
            ValueError: Another shape or type, NaN, or values beyond [0, 1].
        """
        return regions.threshold_lungs(image, "mean", self.settings)
