"""The size of a mask against that of its image."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, pixels


def test_the_size_of_the_image(tmp_path):
    """Rows come first, in both."""
    Image.fromarray(np.zeros((20, 30), np.uint8)).save(tmp_path / "a.png")
    pixels.check_fit("m.png", (20, 30), tmp_path / "a.png")


@pytest.mark.parametrize("size", [(30, 20), (20, 31), (10, 15)])
def test_another_size_names_both_files(tmp_path, size):
    """The error says what is wrong with which files, and where in them."""
    Image.fromarray(np.zeros((20, 30), np.uint8)).save(tmp_path / "a.png")
    message = rf"m\.csv: line 7: is {size[1]} x {size[0]} pixels, but its image .*a\.png is 30 x 20; cut it"
    with pytest.raises(CxrReadError, match=message) as raised:
        pixels.check_fit("m.csv", size, tmp_path / "a.png", where="line 7: ", cure="cut it")
    assert raised.value.code == "size"
