"""Boxes on radiographs: what is drawn."""

import numpy as np

from cxrtk.data.boxes import FindingBox
from cxrtk.inference.classification.pointing import Boxed, outlined

A, B = ("Mass", "Effusion"), ("Mass",)


def test_a_map_of_the_whole_image_is_not_cut():
    """`outlined` leaves the pixels that are not on the box's edge as they are."""
    pixels = np.zeros((64, 64), np.float32)
    drawn = outlined(pixels, [FindingBox("a.png", "Mass", 10, 20, 30, 15)])
    assert drawn[20, 10:41].min() == 1.0 and drawn[35, 10:41].min() == 1.0
    assert drawn[0:20].max() == 0.0 and not pixels.any()


def test_the_first_maps_are_drawn():
    """In the order of the images, not of the boxes; an image that is not looked at has none."""
    boxes = [FindingBox(f"{name}.png", finding, 0, 0, 9, 9) for name in "cab" for finding in A]
    images = ["x/a.png", None, "x/c.png", "x/d.png"]
    assert Boxed(boxes, pictures=3).drawn(images, A) == [[*A], [], ["Mass"], []]
    assert Boxed(boxes, pictures=3).drawn(images, B) == [["Mass"], [], ["Mass"], []]
    assert Boxed(boxes).drawn(images, A) == [[], [], [], []]
