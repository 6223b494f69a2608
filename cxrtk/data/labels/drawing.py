"""Polygons of one picture in a file of its own, as LabelMe and V7 (Darwin JSON) write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk.data.labels.json_files import entries, read_json, wrong
from cxrtk.data.labels.named import MOST_CLASSES, Mask, NamedMasks, class_of, stack
from cxrtk.data.labels.polygons import Filling
from cxrtk.data.pixels.content import MAX_PIXELS, check_size
from cxrtk.errors import CxrReadError


def read_drawing(
    path: str | Path, *, size: tuple[int, int] | None = None, names: Mapping[str, str] | None = None
) -> NamedMasks:
    """Read the polygons of a LabelMe or Darwin file as masks of the picture's size.

    Polygons and rectangles of LabelMe are read, and polygons of Darwin JSON (versions 1 and 2), with paths
    that alternate between inside and outside where they overlap. Polygons of one class are merged.

    Args:
        path: Path of the JSON file.
        size: (H, W) of the picture, which must agree with the file; ``None`` uses the size in the file.
        names: Map from names in the file to classes, for names unknown to `class_of`.

    Raises:
        CxrReadError: The file is neither, is damaged, or states another size; or a shape is of a kind that is
            not read.
    """
    drawing = read_json(path)
    if isinstance(drawing, dict) and "shapes" in drawing:
        stated = (drawing.get("imageHeight"), drawing.get("imageWidth"))
        shapes = _labelme(path, drawing)
    elif isinstance(drawing, dict) and "annotations" in drawing and ("item" in drawing or "image" in drawing):
        stated = _darwin_size(drawing)
        shapes = _darwin(path, drawing)
    else:
        what = "holds neither the shapes of LabelMe nor the annotations of Darwin JSON"
        cure = "export the polygons as one of them, or as COCO JSON of the whole set"
        raise CxrReadError(path, what, cure=cure, code="format")
    shape = _agreed(path, stated, size)
    masks: dict[str, Mask] = {}
    filling = Filling()
    for number, (name, polygons) in enumerate(shapes, start=1):
        found = class_of(name, names)
        if found not in masks and len(masks) == MOST_CLASSES:
            raise wrong(path, f"it has more than {MOST_CLASSES} classes")
        try:
            if found not in masks:
                masks[found] = np.zeros(shape, np.uint8)
            filling.draw(masks[found], polygons, alternate=True)
        except ValueError as error:
            raise wrong(path, f"shape {number}: {error}") from error
    return stack(masks, shape)


def _agreed(path: str | Path, stated: tuple[Any, Any], size: tuple[int, int] | None) -> tuple[int, int]:
    if all(type(side) is int for side in stated):
        height, width = stated
        check_size(path, height, width, MAX_PIXELS)
        if size is not None and size != (height, width):
            what = f"was drawn on {width} x {height} pixels, but its image is {size[1]} x {size[0]}"
            raise CxrReadError(path, what, cure="draw on the image itself, or export both", code="size")
        return height, width
    if size is None:
        raise wrong(path, "states no size of its picture")
    return size


def _labelme(path: str | Path, drawing: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for number, shape in enumerate(entries(path, drawing["shapes"], "shapes"), start=1):
        kind, points = shape.get("shape_type", "polygon"), shape.get("points")
        if kind == "rectangle" and isinstance(points, list) and len(points) == 2:
            try:
                (x1, y1), (x2, y2) = points
            except (TypeError, ValueError) as error:
                raise wrong(path, f"shape {number} is not a rectangle") from error
            points = [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
        elif kind != "polygon":
            what = f"shape {number} is of a kind that is not read; polygons and rectangles are"
            raise CxrReadError(path, what, cure="draw it as a polygon", code="format")
        yield str(shape.get("label", "")), [points]


def _darwin_size(drawing: Mapping[str, Any]) -> tuple[Any, Any]:
    place: Any = drawing.get("image") or drawing.get("item")
    slots = place.get("slots") if isinstance(place, dict) else None
    if isinstance(slots, list) and slots:
        place = slots[0]
    return (place.get("height"), place.get("width")) if isinstance(place, dict) else (None, None)


def _darwin(path: str | Path, drawing: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for number, shape in enumerate(entries(path, drawing["annotations"], "annotations"), start=1):
        polygon = shape.get("polygon") or shape.get("complex_polygon")
        if polygon is None:
            if "tag" in shape:
                continue
            what = f"annotation {number} is not a polygon"
            raise CxrReadError(path, what, cure="draw it as a polygon", code="format")
        paths = polygon.get("paths") if isinstance(polygon, dict) else None
        if paths is None and isinstance(polygon, dict):
            one = polygon.get("path")
            nested = isinstance(one, list) and bool(one) and isinstance(one[0], list)
            paths = one if nested else [one, *polygon.get("additional_paths", [])]
        try:
            points = [[(point["x"], point["y"]) for point in each] for each in paths or ()]
        except (TypeError, KeyError) as error:
            raise wrong(path, f"annotation {number} has points without x and y") from error
        yield str(shape.get("name", "")), points
