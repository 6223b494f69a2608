"""benchmarks/shape_model.py: shapes of which the answer is known."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def script(load_benchmark):
    return load_benchmark("shape_model")


def disc(radius, size=64):
    rows, columns = np.mgrid[:size, :size]
    return np.hypot(rows - size / 2, columns - size / 2) < radius


def test_the_distance_of_a_row_of_pixels(script):
    """Counted by hand: to the nearest pixel of the other kind."""
    mask = np.array([[False, False, True, True, True, False]])
    assert script.signed_distance(mask).tolist() == [[-2, -1, 1, 2, 1, -1]]


@pytest.mark.parametrize("mask", [np.zeros((4, 4), bool), np.ones((4, 4), bool)], ids=["empty", "full"])
def test_a_mask_without_outline_is_refused(script, mask):
    with pytest.raises(ValueError, match="no outline"):
        script.signed_distance(mask)


def test_discs_are_one_family(script):
    """Distances to a circle fall by one where its radius grows by one: one component holds them."""
    shapes = [script.signed_distance(disc(radius)) for radius in range(10, 25)]
    model = script.ShapeModel.fit(shapes, 0.95)
    assert len(model.directions) == 1
    assert np.ptp(model.directions[0]) < 0.2 * np.abs(model.directions[0]).max()  # corners of pixels


def test_all_of_the_variance_keeps_what_it_was_fitted_to(script):
    shapes = [script.signed_distance(disc(radius)) for radius in (10, 14, 23)]
    model = script.ShapeModel.fit(shapes, 1.0)
    for shape in shapes:
        np.testing.assert_allclose(model.project(shape), shape, atol=1e-9)


def test_a_bite_is_mended(script):
    """A disc with a piece bitten off comes back nearer to the disc that it was."""
    model = script.ShapeModel.fit([script.signed_distance(disc(radius)) for radius in range(10, 25)])
    whole, bitten = disc(18), disc(18)
    bitten[28:36, 40:] = False
    mended = model.project(script.signed_distance(bitten)) > 0
    assert (mended ^ whole).sum() < 0.5 * (bitten ^ whole).sum()


def test_masks_keep_their_names_and_sizes(script, tmp_path):
    """Folders within folders too; a mask of nothing stays one of nothing."""
    for radius in (12, 16, 20):
        (tmp_path / "teach").mkdir(exist_ok=True)
        Image.fromarray(disc(radius).astype(np.uint8) * 255).save(tmp_path / "teach" / f"{radius}.png")
    (tmp_path / "masks" / "a").mkdir(parents=True)
    Image.fromarray(disc(15, 96)[:, :80].astype(np.uint8) * 255).save(tmp_path / "masks" / "a" / "one.png")
    Image.fromarray(np.zeros((50, 40), np.uint8)).save(tmp_path / "masks" / "none.png")
    script.make_regular(tmp_path / "teach", tmp_path / "masks", tmp_path / "out")
    with Image.open(tmp_path / "out" / "a" / "one.png") as image:
        assert image.size == (80, 96) and set(np.unique(image)) == {0, 255}
    with Image.open(tmp_path / "out" / "none.png") as image:
        assert image.size == (40, 50) and set(np.unique(image)) == {0}
