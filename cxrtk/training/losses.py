"""The paper's loss, on logits."""

from __future__ import annotations

from torch import nn


class BinaryCrossEntropy(nn.BCEWithLogitsLoss):
    r"""Binary cross entropy of logits (B, C, H, W) and masks of zeros and ones, the mean over all pixels.

    The paper's equation (1) is :math:`-\frac{1}{N} \sum_i y_i \log p_i + (1 - y_i) \log(1 - p_i)` of
    probabilities :math:`p_i`. With :math:`p_i = \sigma(z_i)` this is the same number, computed without the
    overflow of :math:`\log 0`:

    >>> import torch
    >>> z, y = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([1.0, 0.0, 0.0])
    >>> p = torch.sigmoid(z)
    >>> equation_1 = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    >>> torch.allclose(BinaryCrossEntropy()(z, y), equation_1)
    True
    """

    def __init__(self) -> None:
        super().__init__(reduction="mean")
