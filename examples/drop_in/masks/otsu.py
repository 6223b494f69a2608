"""The dark pixels by Otsu's threshold (1979): it parts the grey values where the two classes differ most."""

import torch

from cxrtk import masks


@masks.register("otsu")
class Otsu:
    """Everything darker than the threshold, the background included: a start, not lungs."""

    def __init__(self, bins: int = 256) -> None:
        self.bins = bins

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """(1, H, W) in [0, 1] -> (1, H, W) of zeros and ones."""
        counts = torch.histc(image, self.bins, 0.0, 1.0).double()
        values = (torch.arange(self.bins) + 0.5) / self.bins
        below, total = counts.cumsum(0), counts.sum()  # pixels up to each value
        sums = (counts * values).cumsum(0)
        apart = (sums[-1] * below - sums * total) ** 2 / (below * (total - below)).clamp(min=1)
        return (image < (apart.argmax() + 1) / self.bins).float()
