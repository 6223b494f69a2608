"""The picture of a bundle's README."""

import numpy as np
from PIL import Image

from cxrtk import load_model
from cxrtk.bundles.zoo.picture import GREYS, SIZE, write_example


def test_it_shows_a_drawn_chest_beside_its_label_map(lung_model, tmp_path):
    """On the left the image, on the right the background and one grey a class; no patient is in it."""
    write_example(load_model(str(lung_model)), tmp_path / "e.png")
    pixels = np.asarray(Image.open(tmp_path / "e.png"))
    assert pixels.shape == (SIZE, 2 * SIZE)
    assert len(np.unique(pixels[:, :SIZE])) > 50
    assert set(np.unique(pixels[:, SIZE:])) <= set(GREYS[:2])
