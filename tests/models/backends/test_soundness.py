"""The check before use: rounding passes, another network does not."""

import pytest
import torch

from cxrtk.models.backends.base import Outputs
from cxrtk.models.backends.soundness import UnsoundError, require_sound


class Shifted:
    """Computes the network's logits plus something."""

    name = "openvino"

    def __init__(self, network, change, precision):
        self.network, self.change, self.precision = network, change, precision

    @torch.no_grad()
    def __call__(self, images):
        return Outputs(self.change(self.network(images)), None)


@pytest.mark.parametrize("stored", [True, False], ids=["a file's logits", "computed now"])
@pytest.mark.parametrize(
    ("change", "precision"),
    [(lambda logits: logits + 1e-4, "fp32"), (lambda logits: logits.bfloat16().float(), "bf16")],
)
def test_rounding_passes(model, stored, change, precision):
    """Of either precision."""
    if not stored:
        object.__setattr__(model, "probe", None)
    require_sound(Shifted(model.network, change, precision), model)


@pytest.mark.parametrize(
    ("change", "precision"),
    [
        (lambda logits: logits.flip(1), "fp32"),
        (lambda logits: logits.flip(-1), "bf16"),
        (lambda logits: logits * 1.1 + 0.1, "fp32"),
        (lambda logits: logits * torch.nan, "bf16"),
        (lambda logits: logits.bfloat16().float() + 0.2, "fp32"),
    ],
)
def test_other_logits_are_refused(model, change, precision):
    """Classes or sides exchanged, another scale, NaN; the message names the backend and the way out."""
    with pytest.raises(UnsoundError, match=r"--backend openvino.*use --backend torch"):
        require_sound(Shifted(model.network, change, precision), model)
