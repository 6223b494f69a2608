"""A classifier whose sums are exact, so that every processor gives the same bits."""

import torch
from torch import nn

from cxrtk import networks
from tests.golden.rounding import rounded


@networks.register("whole_findings")
def whole_findings(findings: int = 3) -> nn.Module:
    """(B, 1, 64, 64) image -> (B, findings) logits."""
    return WholeFindings(findings)


class WholeFindings(nn.Module):
    """Rounds the image to -2 ... 2; the mean of each map is over 256 pixels, a power of two.

    Args:
        findings: How many logits.
    """

    def __init__(self, findings: int) -> None:
        super().__init__()
        self.maps = nn.Conv2d(1, 4, 4, stride=4)
        self.lit = nn.ReLU()  # a module, so that class activation maps find it
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.tell = nn.Linear(4, findings)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits, each a multiple of 1/256."""
        with torch.autocast(x.device.type, enabled=False):
            lit = self.lit(self.maps(rounded(x)))  # (B, 4, 16, 16)
            logits: torch.Tensor = self.tell(self.pool(lit).flatten(1))
        return logits
