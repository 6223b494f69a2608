"""The paper's loss on logits, and a loss for partly unknown labels."""

from __future__ import annotations

import torch
from torch import nn

from cxrtk.training.processes import processes, sum_of_all


class BinaryCrossEntropy(nn.BCEWithLogitsLoss):
    r"""Binary cross entropy of logits (B, C, H, W) and masks of zeros and ones, averaged over all pixels.

    The paper's equation (1) is :math:`-\frac{1}{N} \sum_i y_i \log p_i + (1 - y_i) \log(1 - p_i)` for
    probabilities :math:`p_i`. With :math:`p_i = \sigma(z_i)` this loss is the same value, computed without
    the overflow of :math:`\log 0`:

    >>> import torch
    >>> z, y = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([1.0, 0.0, 0.0])
    >>> p = torch.sigmoid(z)
    >>> equation_1 = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    >>> torch.allclose(BinaryCrossEntropy()(z, y), equation_1)
    True
    """

    def __init__(self) -> None:
        super().__init__(reduction="mean")


class KnownDiceBCE(nn.Module):
    r"""Binary cross entropy plus soft Dice loss of each class, over the pixels with a known label.

    Takes logits (B, C, H, W) and labels of the same shape: 1 (yes), 0 (no), negative (unknown). The cross
    entropy is the mean over the known pixels of the whole batch; 1 - Dice, with Dice
    :math:`(2 \sum p y + 1) / (\sum p + \sum y + 1)` as in `monai.losses.DiceLoss` with ``smooth 1``, is
    the mean over those images and classes that have any positive pixel in their label.

    If all pixels are known, it equals the sum of the two losses:

    >>> from monai.losses import DiceLoss
    >>> z = torch.tensor([[[[2.0, -1.0], [0.5, -3.0]]]])
    >>> y = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    >>> apart = BinaryCrossEntropy()(z, y) + DiceLoss(sigmoid=True, smooth_nr=1, smooth_dr=1)(z, y)
    >>> torch.allclose(KnownDiceBCE()(z, y), apart)
    True
    """

    def forward(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """Return the scalar loss; 0 if no pixel is known.

        In a training step of several processes it is the loss over all their images, so that a rank with few
        known pixels or few classes has the same weight as in one process.
        """
        known = (label >= 0).float()  # (B, C, H, W)
        truth = label.clamp(min=0)
        entropy = nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
        probability = torch.sigmoid(logits) * known
        common = (probability * truth).sum(dim=(2, 3))  # (B, C)
        total = (probability + truth).sum(dim=(2, 3))
        dice_loss = 1 - (2 * common + 1) / (total + 1)
        has_any = (truth.sum(dim=(2, 3)) > 0).float()
        sums = torch.stack([(entropy * known).sum(), (dice_loss * has_any).sum()])
        counts = torch.stack([known.sum(), has_any.sum()])
        if (
            processes() == 1 or not torch.is_grad_enabled()
        ):  # metrics themselves add up the images of all processes
            loss: torch.Tensor = (sums / counts.clamp(min=1)).sum()
            return loss
        return _over_all(sums, counts)


def _over_all(sums: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Return the sum of (sum over all processes) / (count over all processes), with this process's gradient.

    `DistributedDataParallel` averages the gradients of the processes, hence the factor.
    """
    all_sums, all_counts = sum_of_all(torch.stack([sums, counts]))
    own: torch.Tensor = processes() * (sums / all_counts.clamp(min=1)).sum()
    loss: torch.Tensor = own + ((all_sums / all_counts.clamp(min=1)).sum() - own).detach()
    return loss
