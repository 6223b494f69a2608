"""COCO JSON: polygons and run lengths, by pycocotools' own reader too."""

from pathlib import Path

import drawn
import numpy as np
import pytest
from pycocotools import mask as coco_api
from pycocotools.coco import COCO

from cxrtk import CxrReadError, labels

# pycocotools has not followed NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_polygons(tmp_path: Path) -> None:
    """Each picture has the classes of the file; pycocotools agrees to the edge pixels."""
    path = drawn.write(tmp_path / "a.json", drawn.coco("x/a.png", "b.png"))
    read = labels.Coco(path)
    assert [read.has(stem) for stem in "abc"] == [True, True, False]
    named = read.read("b", drawn.SIZE)
    assert named.classes == drawn.CLASSES
    assert np.array_equal(named.masks, drawn.MASKS)
    theirs = COCO(str(path))
    for number, mask in enumerate(named.masks):
        [annotation] = theirs.loadAnns(theirs.getAnnIds(imgIds=2, catIds=number + 1))
        assert np.count_nonzero(theirs.annToMask(annotation) != mask) < 60


def test_run_lengths(tmp_path: Path) -> None:
    """Compressed and not; pixels as pycocotools encodes them."""
    content = drawn.coco("a.png")
    packed = coco_api.encode(np.asfortranarray(drawn.MASKS[0]))["counts"].decode()
    left, top, right, bottom = drawn.BOXES["left lung"]
    height, width = drawn.SIZE
    first = left * height + top
    counts = [first] + [bottom - top, height - bottom + top] * (right - left)
    counts[-1] += width * height - sum(counts)
    for number, each in enumerate((packed, counts)):
        content["annotations"][number]["segmentation"] = {"size": list(drawn.SIZE), "counts": each}
    named = labels.Coco(drawn.write(tmp_path / "a.json", content)).read("a")
    assert np.array_equal(named.masks, drawn.MASKS)


def test_a_class_that_is_not_drawn_is_empty(tmp_path: Path) -> None:
    """So that all pictures have the same classes; a picture without any annotation has no label."""
    content = drawn.coco("a.png", "b.png", "c.png")
    content["annotations"] = content["annotations"][:3]  # b has one lung, c none
    read = labels.Coco(drawn.write(tmp_path / "a.json", content))
    named = read.read("b")
    assert named.classes == drawn.CLASSES
    assert np.array_equal(named.masks, [drawn.MASKS[0], drawn.MASKS[1] * 0])
    assert not read.has("c")


def changed(**values) -> dict:
    content = drawn.coco("a.png")
    content["annotations"][1] |= values
    return content


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ({"images": [], "annotations": []}, "format", "not COCO JSON"),
        (drawn.coco("a.png", "b/a.jpg"), "damaged", "two images have the stem 'a'"),
        (drawn.coco("a.png", images=["a.png"]), "damaged", "images is not a list of objects"),
        (changed(category_id=9), "damaged", "annotation 2 is of an unknown category"),
        (changed(segmentation=[]), "damaged", "annotation 2: it has no segmentation, only a box"),
        (changed(segmentation=[[1, 2, 3]]), "damaged", "annotation 2: a polygon is not a list of x and y"),
        (changed(segmentation=[[1, 2, 3, 4]]), "damaged", "annotation 2: polygon 1 is not three"),
        (changed(segmentation={"size": [9, 9], "counts": [81]}), "damaged", r"its size is not \[48, 64\]"),
        (changed(segmentation={"size": [48, 64], "counts": [81]}), "damaged", "holds 81 pixels"),
    ],
)
def test_what_is_no_coco_is_refused(tmp_path: Path, content: dict, code: str, said: str) -> None:
    """One line with the file, the annotation and a cure."""
    path = drawn.write(tmp_path / "a.json", content)
    with pytest.raises(CxrReadError, match=said) as error:
        labels.Coco(path).read("a", drawn.SIZE)
    assert (error.value.code, error.value.path) == (code, str(path))
    assert error.value.cure


@pytest.mark.parametrize(("height", "said"), [(50, "64 x 50 pixels, but it is 64 x 48"), (None, "no height")])
def test_the_size_is_compared(tmp_path: Path, height: int | None, said: str) -> None:
    """That of the file with that of the picture."""
    content = drawn.coco("a.png")
    content["images"][0]["height"] = height
    with pytest.raises(CxrReadError, match=said):
        labels.Coco(drawn.write(tmp_path / "a.json", content)).read("a", drawn.SIZE)
