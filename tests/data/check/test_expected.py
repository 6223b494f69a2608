"""Where lungs are expected, on phantoms whose masks are exact."""

from __future__ import annotations

import numpy as np
import pytest

from cxrtk import readers
from cxrtk.data.check.expected import (
    LEAST_CONTRAST,
    OUTPUTS,
    expected_masks,
    is_comparable,
    shipped_stages,
    shows_lungs,
)
from cxrtk.data.check.expected_features import SIDE, context, features
from cxrtk.data.pixels.frontal import reduced
from cxrtk.data.pixels.polarity import density_contrast


@pytest.fixture(scope="module")
def drawn() -> list[tuple[np.ndarray, np.ndarray]]:
    """Pixels and masks (right lung, left lung, heart) of six phantoms."""
    reader = readers.create("phantom", root="", count=6)
    return [(reader.read(item["image"]).pixels, reader.read_label(item).masks) for item in reader.items()]


def test_lungs_and_heart_are_where_they_were_drawn(drawn) -> None:
    """Each mask agrees with the drawing by a Dice of 0.9 for lungs, and of 0.75 for the heart."""
    for pixels, masks in drawn:
        expected = expected_masks(pixels)
        assert expected.shape == (len(OUTPUTS), SIDE, SIDE) and expected.dtype == np.float32
        for found, mask, least in zip(expected, masks, (0.9, 0.9, 0.75), strict=False):
            inside, true = found > 0.5, reduced(mask, SIDE, SIDE) > 0.5
            assert 2 * (inside & true).sum() / (inside.sum() + true.sum()) > least


@pytest.mark.parametrize(
    "change", [lambda p: p * 0.4 + 0.1, lambda p: p**2, lambda p: np.kron(p, np.ones((2, 2)))]
)
def test_contrast_gamma_and_size_do_not_matter(drawn, change) -> None:
    """The expectation moves by a few percent at most."""
    pixels = drawn[0][0]
    assert np.abs(expected_masks(change(pixels).astype(np.float32)) - expected_masks(pixels)).mean() < 0.02


def test_a_picture_without_a_dense_middle_is_not_compared(drawn) -> None:
    """Noise, a ramp and a negative are not; a chest is."""
    assert all(is_comparable(pixels) for pixels, _ in drawn)
    noise = np.random.default_rng(0).random((256, 256), np.float32)
    for pixels in (noise, np.tile(np.linspace(0, 1, 256, dtype=np.float32), (256, 1)), 1 - drawn[0][0]):
        assert not is_comparable(pixels)


ROW, COLUMN = np.mgrid[:128, :128] / 128 - 0.5


@pytest.mark.parametrize(
    "inside",
    [
        np.hypot(ROW, COLUMN) < 0.1,
        np.hypot(ROW, COLUMN) < 0.2,
        (abs(ROW) < 0.3) & (abs(COLUMN) < 0.15),
        (abs(ROW) < 0.4) & (abs(COLUMN) < 0.1),
        abs(COLUMN) < 0.1,
    ],
    ids=["small disc", "disc", "box", "high box", "bar"],
)
def test_drawings_of_other_things_are_not_compared(inside) -> None:
    """A bright thing before a dark ground has a dense middle too, but next to no grey levels."""
    noise = np.random.default_rng(0).normal(0, 0.02, inside.shape)
    picture = (0.2 + 0.6 * inside + noise).clip(0, 1).astype(np.float32)
    assert density_contrast(picture) > LEAST_CONTRAST
    assert not is_comparable(picture)


def test_a_picture_without_lungs_is_not_compared(drawn) -> None:
    """Lungs must be expected, by either convention; NaN are those of which nothing is known."""
    expected = expected_masks(drawn[0][0])
    unknown = np.full_like(expected[:2], np.nan)
    assert shows_lungs(expected)
    assert shows_lungs(np.concatenate([unknown, expected[2:]]))
    assert not shows_lungs(np.concatenate([unknown, 0 * expected[2:]]))
    assert not shows_lungs(0.1 * expected)


def test_shapes_of_features() -> None:
    """As many as the stages take, all finite, also of a picture of one grey level."""
    for picture in (np.zeros((SIDE, SIDE)), np.random.default_rng(0).random((SIDE, SIDE))):
        described = features(picture)
        full = context(described, np.zeros((5, SIDE, SIDE), np.float32))
        assert [len(described), len(full)] == [stage[0][0].shape[1] for stage in shipped_stages()[:2]]
        assert np.isfinite(full).all()
