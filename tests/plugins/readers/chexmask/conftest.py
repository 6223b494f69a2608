"""A folder of the NIH with a table of CheXmask."""

import pytest

from .tables import NAMES, row, write_image, write_table


@pytest.fixture
def root(tmp_path):
    """NIH: three images in two folders, all in the table."""
    write_image(tmp_path / "images_001/images" / NAMES[0])
    write_image(tmp_path / "images_001/images" / NAMES[1])
    write_image(tmp_path / "images_002/images" / NAMES[2])
    write_image(tmp_path / "masks" / NAMES[0])  # of something else: masks are no images
    write_table(tmp_path / "ChestX-ray8.csv", [row(name) for name in NAMES])
    return tmp_path
