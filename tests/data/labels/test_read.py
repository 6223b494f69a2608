"""One file of any format: the content decides what it is."""

from pathlib import Path

import drawn
import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, labels

NUMBERS = {1: "right_lung", 2: "left_lung"}


def save(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(values).save(path, "PNG")
    return path


def test_a_mask(tmp_path: Path) -> None:
    """Both lungs in one, whatever the suffix says."""
    named = labels.read_named(save(tmp_path / "a.json", drawn.MASKS.max(axis=0) * np.uint8(255)))
    assert named.classes == ("lungs",)
    assert np.array_equal(named.masks[0], drawn.MASKS.max(axis=0))


def test_a_class_map(tmp_path: Path) -> None:
    """Each number is a mask of its class; several numbers may be of one."""
    values = drawn.MASKS[0] + 2 * drawn.MASKS[1]
    named = labels.read_named(save(tmp_path / "a.png", values), numbers=NUMBERS)
    assert named.classes == drawn.CLASSES
    assert np.array_equal(named.masks, drawn.MASKS)
    both = labels.read_named(tmp_path / "a.png", numbers={1: "lungs", 2: "lungs"})
    assert both.classes == ("lungs",)
    assert np.array_equal(both.masks[0], drawn.MASKS.max(axis=0))


def test_a_number_without_a_class(tmp_path: Path) -> None:
    """The numbers are listed, with the argument that names them."""
    path = save(tmp_path / "a.png", drawn.MASKS[0] * np.uint8(7))
    with pytest.raises(CxrReadError, match=r"class numbers \[7\], which have no name; .*label_classes"):
        labels.read_named(path, numbers=NUMBERS)


def test_a_drawing(tmp_path: Path) -> None:
    """Polygons are read by their content too."""
    named = labels.read_named(drawn.write(tmp_path / "a.png", drawn.labelme()), size=drawn.SIZE)
    assert named.classes == drawn.CLASSES
    assert np.array_equal(named.masks, drawn.MASKS)


def test_soft_edges(tmp_path: Path) -> None:
    """They are refused, or cut where the caller says."""
    soft = drawn.MASKS[0] * np.uint8(255)
    soft[0, :3] = (20, 127, 128)
    path = save(tmp_path / "a.png", soft)
    with pytest.raises(CxrReadError, match="holds 5 values"):
        labels.read_named(path)
    assert labels.read_named(path, threshold=0.5).masks[0, 0, :3].tolist() == [0, 0, 1]
