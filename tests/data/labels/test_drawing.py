"""LabelMe and Darwin JSON."""

from pathlib import Path

import drawn
import numpy as np
import pytest

from cxrtk import CxrReadError, labels


@pytest.mark.parametrize("make", [drawn.labelme, drawn.darwin_1, drawn.darwin_2])
def test_two_lungs(tmp_path: Path, make) -> None:
    """Every format gives the same two masks, with their sides."""
    named = labels.read_drawing(drawn.write(tmp_path / "a.json", make()), size=drawn.SIZE)
    assert named.classes == drawn.CLASSES
    assert np.array_equal(named.masks, drawn.MASKS)


def test_a_hole_of_a_complex_polygon_is_one(tmp_path: Path) -> None:
    """Darwin's further paths alternate between inside and outside."""
    content = drawn.darwin_2()
    hole = [{"x": x, "y": y} for x, y in [(10, 12), (14, 12), (14, 16), (10, 16)]]
    content["annotations"][0]["polygon"]["paths"].append(hole)
    old = drawn.darwin_1()
    old["annotations"][0]["polygon"]["additional_paths"] = [hole]
    wanted = drawn.MASKS.copy()
    wanted[0, 12:16, 10:14] = 0
    for form in (content, old):
        named = labels.read_drawing(drawn.write(tmp_path / "a.json", form))
        assert np.array_equal(named.masks, wanted)


def test_rectangles_and_other_names(tmp_path: Path) -> None:
    """A rectangle is two corners; names of one's own are given classes."""
    shape = {"label": "pulmao", "points": [[40, 30], [10, 20]], "shape_type": "rectangle"}
    path = drawn.write(tmp_path / "a.json", drawn.labelme(shapes=[shape]))
    named = labels.read_drawing(path, names={"pulmao": "lungs"})
    assert named.classes == ("lungs",)
    assert np.argwhere(named.masks[0])[[0, -1]].tolist() == [[20, 10], [29, 39]]


def with_shape(**changed) -> dict:
    content = drawn.labelme()
    content["shapes"][0] |= changed
    return content


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (drawn.labelme(imageHeight=50), "size", "was drawn on 64 x 50 pixels, but its image is 64 x 48"),
        (drawn.labelme(imageHeight=10**6, imageWidth=10**6), "too_large", "1000000 x 1000000"),
        (drawn.labelme(shapes=3), "damaged", "shapes is not a list of objects"),
        (with_shape(points=[[1, 1], [2, 2]]), "damaged", "shape 1: polygon 1 is not three or more"),
        (with_shape(points="x"), "damaged", "shape 1"),
        (with_shape(shape_type="circle"), "format", "shape 1 is of a kind that is not read"),
        (
            {"version": "2.0", "item": {}, "annotations": [{"name": "a", "ellipse": {}}]},
            "format",
            "not a polygon",
        ),
        ({"item": {}, "annotations": [{"polygon": {"path": [{"x": 1}]}}]}, "damaged", "without x and y"),
        ({"regions": []}, "format", "neither the shapes of LabelMe nor"),
        ("{", "damaged", "not readable JSON"),
        ('{"shapes": [NaN]}', "damaged", "not readable JSON"),
        ("[" * 100_000, "damaged", "not readable JSON"),
        ("[" + "[]," * 2_000_000 + "[]]", "too_large", "more than 2000000"),
    ],
)
def test_what_is_no_drawing_is_refused(tmp_path: Path, content, code: str, said: str) -> None:
    """One line with the file, the fault and a cure."""
    path = drawn.write(tmp_path / "a.json", content)
    with pytest.raises(CxrReadError, match=said) as error:
        labels.read_drawing(path, size=drawn.SIZE)
    assert (error.value.code, error.value.path) == (code, str(path))
    assert error.value.cure
