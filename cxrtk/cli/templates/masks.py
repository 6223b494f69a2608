"""Everything darker than a threshold."""

import torch

from cxrtk import masks


@masks.register("plugin_name")
class PluginNameGenerator:
    """Return the pixels of the image below `threshold`, from 0 to 1."""

    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold = threshold

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """(1, H, W) in [0, 1] -> (1, H, W) of zeros and ones."""
        return (image < self.threshold).float()
