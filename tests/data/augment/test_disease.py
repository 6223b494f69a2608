"""Whitened bases: at the foot of a lung, in it, and brighter than before."""

import numpy as np
import torch
from monai.data import MetaTensor

from cxrtk.data import RandBasesd

SIZE = 96
TOP, FOOT = 20, 80  # rows of both lungs


def chest(sides=(0, 1)) -> dict:
    """A dark picture with two rectangular lungs, or one."""
    label = torch.zeros(4, SIZE, SIZE)
    for side, left in ((0, 10), (1, 56)):
        if side in sides:
            label[side, TOP:FOOT, left : left + 30] = 1
    return {"image": MetaTensor(torch.full((1, SIZE, SIZE), 0.2)), "label": MetaTensor(label)}


def change(seed: int, **about) -> np.ndarray:
    before = chest(**about)
    after = RandBasesd("image", prob=1.0).set_random_state(seed)(dict(before))
    return (after["image"] - before["image"])[0].numpy()


def test_only_the_lower_part_of_a_lung_whitens():
    """60 % of its height, a quarter more at its edge, a soft border: the top tenth hardly changes."""
    for seed in range(30):
        changed = change(seed)
        assert changed[: TOP + (FOOT - TOP) // 10].max() < 0.1
        assert changed[FOOT - 4 : FOOT - 1].max() > 0.15
        assert changed.min() > -1e-6


def test_one_lung_or_both():
    """Over many draws each lung is whitened alone, and both together."""
    seen = set()
    for seed in range(40):
        changed = change(seed)
        seen.add((changed[:, :48].max() > 0.1, changed[:, 48:].max() > 0.1))
    assert seen == {(True, False), (False, True), (True, True)}


def test_the_border_rises_towards_the_side_of_the_chest():
    """Of the right lung, on the image's left, more is covered at its outer edge than at its inner one."""
    outer, inner = [], []
    for seed in range(40):
        changed = change(seed, sides=(0,))
        outer.append(changed[:, 12:16].sum())
        inner.append(changed[:, 33:37].sum())
    assert np.mean(outer) > 1.05 * np.mean(inner)


def test_an_unknown_label_is_no_lung():
    """Where nothing says which side is which, nothing is whitened."""
    unknown = chest()
    unknown["label"][:2] = -1
    assert torch.equal(RandBasesd("image", prob=1.0)(dict(unknown))["image"], unknown["image"])
