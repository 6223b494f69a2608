"""A mirrored chest: sides change places."""

import torch
from monai.data import MetaTensor

from cxrtk.data import RandMirrord


def chest() -> dict:
    """A right and a left lung, a heart, lungs with the heart, on a ramp."""
    label = torch.zeros(4, 96, 96)
    label[0, 20:70, 10:40] = label[1, 20:70, 56:86] = 1
    label[3] = label[0] + label[1]
    return {"image": MetaTensor(torch.linspace(0.2, 0.8, 96).repeat(96, 1)[None]), "label": MetaTensor(label)}


def test_a_mirrored_chest_keeps_its_sides():
    """The right lung stays on the image's left: the channels change places; heart and the rest do not."""
    before = chest()
    before["label"][0, 30, 5] = 1  # tells the two apart
    after = RandMirrord(["image", "label"], prob=1.0)(dict(before))
    assert torch.equal(after["image"], before["image"].flip(-1))
    assert torch.equal(after["label"][1], before["label"][0].flip(-1))
    assert torch.equal(after["label"][0], before["label"][1].flip(-1))
    assert torch.equal(after["label"][3], before["label"][3].flip(-1))
    columns = [after["label"][side].nonzero()[:, 1].float().mean() for side in (0, 1)]
    assert columns[0] < columns[1]
