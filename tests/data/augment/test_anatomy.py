"""Deformed anatomy: image and label move together, the heart grows, nothing folds."""

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from cxrtk.data import RandAnatomyd

SIZE = 128


def chest(heart: bool = True) -> dict:
    """Two lungs and a round heart, whose picture is the sum of the classes."""
    label = torch.zeros(4, SIZE, SIZE)
    label[0, 20:100, 15:50] = label[1, 20:100, 78:113] = 1
    rows, columns = np.indices((SIZE, SIZE))
    disc = torch.from_numpy((rows - 80) ** 2 + (columns - 66) ** 2 <= 15**2)
    label[2] = disc.float() if heart else -1.0
    image = 0.3 * (label[0] + label[1]) + 0.6 * disc.float()
    return {"image": MetaTensor(image.clamp(0, 1)[None]), "label": MetaTensor(label)}


def width(mask: torch.Tensor) -> int:
    columns = torch.nonzero(mask.any(dim=0))
    return int(columns.max() - columns.min()) + 1


def deformed(seed: int = 0, heart: bool = True, **about) -> dict:
    transform = RandAnatomyd(["image", "label"], prob=1.0, **about).set_random_state(seed)
    return transform(chest(heart))


def test_the_heart_grows_by_its_gain():
    """With a gain of 0.5 alone, a ring at 15 pixels comes from where r (1 - 0.5 exp(-r^2/(2 15^2))) is 15."""
    after = deformed(heart_gain=(0.5, 0.5), lung_gain=(0.0, 0.0))
    r = np.linspace(0, 60, 60_001)
    expected = r[np.argmin(np.abs(r * (1 - 0.5 * np.exp(-(r**2) / (2 * 15**2))) - 15))]
    assert width(after["label"][2] > 0.5) == pytest.approx(2 * expected + 1, abs=2)


def test_a_negative_gain_shrinks_it():
    """Narrower than 31 pixels."""
    assert width(deformed(heart_gain=(-0.2, -0.2), lung_gain=(0.0, 0.0))["label"][2] > 0.5) < 31


def test_no_gain_changes_nothing():
    """The grid is then the image's own."""
    after = deformed(heart_gain=(0.0, 0.0), lung_gain=(0.0, 0.0))
    assert torch.equal(after["label"], chest()["label"])
    assert torch.allclose(after["image"], chest()["image"], atol=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_image_and_label_move_together(seed):
    """The picture's heart lies where the label's does, but for the smoothed edge."""
    after = deformed(seed)
    pictured = after["image"][0] > 0.45
    drawn = after["label"][2] > 0.5
    overlap = 2 * (pictured & drawn).sum() / (pictured.sum() + drawn.sum())
    assert overlap > 0.95
    assert set(after["label"].unique().tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_folded(seed):
    """Each row of the grid goes on to the right, each column down, so no place appears twice."""
    transform = RandAnatomyd(["image", "label"], lung_gain=(0.0, 0.0)).set_random_state(seed)
    grid = transform._grid(chest()["label"].numpy())
    assert np.diff(grid[0], axis=0).min() > 0 and np.diff(grid[1], axis=1).min() > 0


def test_a_heart_that_is_not_labelled_is_taken_to_lie_between_the_lungs():
    """The place is near that of the drawn heart, and the unknown class stays unknown."""
    centre, size = RandAnatomyd(["image", "label"])._heart_of(chest(heart=False)["label"].numpy())
    assert centre == pytest.approx((80, 66), abs=10) and 10 < size < 30
    after = deformed(heart=False)
    assert (after["label"][2] == -1).all()


def test_without_lungs_nothing_happens():
    """There is no chest to deform."""
    nothing = chest()
    nothing["label"] = nothing["label"] * 0
    after = RandAnatomyd(["image", "label"], prob=1.0)(dict(nothing))
    assert torch.equal(after["image"], nothing["image"])


def test_a_seed_gives_the_same_again():
    """Bit for bit; what was handed in is untouched."""
    assert torch.equal(deformed(3)["image"], deformed(3)["image"])
    assert not torch.equal(deformed(3)["image"], deformed(4)["image"])
    before = chest()
    kept = before["label"].clone()
    RandAnatomyd(["image", "label"], prob=1.0)(before)
    assert torch.equal(before["label"], kept)
