"""A segmentation network whose sums are exact, so that every processor gives the same bits."""

import torch
from torch import nn

from cxrtk import networks
from tests.golden.rounding import rounded

SIDES = 3  # position maps


@networks.register("whole_lungs")
def whole_lungs(image_size: int = 64) -> nn.Module:
    """(B, 1, S, S) image -> (B, 4, S, S) logits: right lung, left lung, heart, lungs with heart."""
    return WholeLungs(image_size)


class WholeLungs(nn.Module):
    """Rounds the image to -2, -1, 0, 1 and 2; its weights are multiples of 1/8, and so are its sums.

    Args:
        image_size: S, an even number.
    """

    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.down = nn.Conv2d(4, 4, 2, stride=2)
        self.head = nn.Conv2d(8 + SIDES, 4, 3, padding=1)
        self.register_buffer("places", torch.zeros(1, SIDES, image_size, image_size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits, multiples of 1/8."""
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 rounds
            steps = rounded(x)
            fine = torch.relu(self.stem(steps))  # (B, 4, S, S)
            coarse = torch.relu(self.down(fine)).repeat_interleave(2, -2).repeat_interleave(2, -1)
            places = self.get_buffer("places").expand(len(x), -1, -1, -1)
            logits: torch.Tensor = self.head(torch.cat([fine, coarse, places], dim=1))
        return logits
