"""A known input of a network and its outputs, used to check a backend before it runs a model.

Model files hold the outputs (logits in float16); the input is part of the file format and never changes.
"""

from __future__ import annotations

import torch
from torch import nn

OWN_TENSORS = "cxrtk."  # prefix of the names of tensors in a model file that are not weights
KEY = f"{OWN_TENSORS}probe.logits"  # name of the tensor in a model file


def probe_images(channels: int, size: int) -> torch.Tensor:
    """Draw a network's known input: two dark lungs in a bright body, (1, channels, size, size) in -2 to 2."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, size), torch.linspace(-1, 1, size), indexing="ij")
    body = 1.5 - x.square() - 0.5 * y.square()
    for side in (-1, 1):
        distance = ((x - 0.45 * side) / 0.33).square() + ((y + 0.05) / 0.65).square()
        body = body - 2.2 * torch.sigmoid(8 * (1 - distance))
    ribs = 0.15 * torch.sin(18 * y + 4 * x.square())
    return (body + ribs).clamp(-2, 2).expand(1, channels, size, size)


@torch.no_grad()
def probe_logits(network: nn.Module, channels: int, size: int) -> torch.Tensor:
    """Compute a network's logits for its known input in float32 on its device, as (C, ...) on the CPU."""
    device = next((each.device for each in network.parameters()), torch.device("cpu"))
    logits: torch.Tensor = network.eval()(probe_images(channels, size).to(device))
    return logits[0].float().cpu()
