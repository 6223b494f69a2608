"""Distorted images and strangers, what a quality flag learns from."""

import numpy as np
import pytest

from cxrtk.inference.quality.stress import distorted, distortions, strangers


@pytest.fixture
def picture():
    """A bright disc left of the middle, its label the disc; one class unknown."""
    rows, columns = np.mgrid[:64, :64]
    disc = np.hypot(rows - 30, columns - 22) < 12
    image = (0.2 + 0.6 * disc).astype(np.float32)
    return image, np.stack([disc, np.full_like(disc, -1, dtype=np.int8)]).astype(np.int8)


def test_the_label_moves_with_the_image(picture):
    """Where a moved picture is bright its label says yes, whatever else was done; negatives aside."""
    image, classes = picture
    change = distortions(0, 64, [0])
    agreed = []
    for _ in range(40):
        changed, moved = distorted(image, classes, change)
        if moved[0].any() and not (moved[0] == 1).all():
            contrast = changed[moved[0] == 1].mean() - changed[moved[0] == 0].mean()
            agreed.append(contrast > 0)
        assert changed.dtype == np.float32 and changed.min() >= 0 and changed.max() <= 1
        assert set(np.unique(moved)) <= {-1, 0, 1}
    assert np.mean(agreed) > 0.7


def test_the_seed_decides(picture):
    """The same seed gives the same draws, another other ones."""
    draws = [distorted(*picture, distortions(seed, 64, [0]))[0] for seed in (1, 1, 2)]
    assert (draws[0] == draws[1]).all() and (draws[0] != draws[2]).any()


def test_the_input_stays(picture):
    """Nothing is changed in place."""
    image, classes = picture[0].copy(), picture[1].copy()
    distorted(*picture, distortions(0, 64, [0]))
    strangers(picture[0], np.random.default_rng(0))
    assert (picture[0] == image).all() and (picture[1] == classes).all()


def test_strangers_are_pictures_of_the_same_size(picture):
    """In range, and none is the image itself."""
    found = strangers(picture[0], np.random.default_rng(0))
    for name, stranger in found.items():
        assert stranger.shape == (64, 64) and stranger.dtype == np.float32, name
        assert stranger.min() >= 0 and stranger.max() <= 1 + 1e-6, name
        assert np.abs(stranger - picture[0]).mean() > 0.01, name


def test_cut_up_and_clouds_keep_the_histogram(picture):
    """The same pixels in another order: no histogram tells them from the image."""
    found = strangers(picture[0], np.random.default_rng(0))
    for name in ("cut up", "clouds", "lying", "upside down"):
        assert (np.sort(found[name], axis=None) == np.sort(picture[0], axis=None)).all(), name
