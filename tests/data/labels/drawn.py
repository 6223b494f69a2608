"""Two lungs as masks and as polygons, and files of editors that hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIZE = (48, 64)  # H, W
BOXES = {"right lung": (6, 8, 26, 40), "left lung": (36, 10, 58, 38)}  # left, upper, right, lower edge
CLASSES = ("right_lung", "left_lung")


def polygon(name: str) -> list[tuple[int, int]]:
    left, top, right, bottom = BOXES[name]
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def mask(name: str) -> np.ndarray:
    left, top, right, bottom = BOXES[name]
    drawn = np.zeros(SIZE, np.uint8)
    drawn[top:bottom, left:right] = 1
    return drawn


MASKS = np.stack([mask(name) for name in BOXES])


def image(path: Path) -> Path:
    """A picture of that size, with no two columns alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 3, (48, 1))).save(path, "PNG")
    return path


def labelme(**changed: Any) -> dict[str, Any]:
    """As LabelMe 5 writes it."""
    shapes = [
        {"label": name, "points": polygon(name), "shape_type": "polygon", "flags": {}} for name in BOXES
    ]
    about = {"version": "5.0.1", "flags": {}, "imagePath": "a.png", "imageData": None}
    return about | {"shapes": shapes, "imageHeight": SIZE[0], "imageWidth": SIZE[1]} | changed


def points(name: str) -> list[dict[str, int]]:
    return [{"x": x, "y": y} for x, y in polygon(name)]


def darwin_1() -> dict[str, Any]:
    """As V7 exports Darwin JSON 1.0."""
    drawn = [{"name": name, "polygon": {"path": points(name)}, "bounding_box": {}} for name in BOXES]
    return {
        "dataset": "d",
        "image": {"width": SIZE[1], "height": SIZE[0], "filename": "a.png"},
        "annotations": drawn,
    }


def darwin_2() -> dict[str, Any]:
    """As V7 exports Darwin JSON 2.0."""
    drawn = [{"name": name, "polygon": {"paths": [points(name)]}, "id": "1"} for name in BOXES]
    item = {"name": "a.png", "path": "/", "slots": [{"type": "image", "width": SIZE[1], "height": SIZE[0]}]}
    return {"version": "2.0", "item": item, "annotations": drawn}


def coco(*names: str, **changed: Any) -> dict[str, Any]:
    """As CVAT exports COCO 1.0, for pictures of these file names."""
    size = {"height": SIZE[0], "width": SIZE[1]}
    images = [{"id": number, "file_name": name, **size} for number, name in enumerate(names, 1)]
    drawn = [
        {
            "id": 10 * each["id"] + number,
            "image_id": each["id"],
            "category_id": number,
            "segmentation": [[float(value) for point in polygon(name) for value in point]],
            "iscrowd": 0,
        }
        for each in images
        for number, name in enumerate(BOXES, 1)
    ]
    categories = [{"id": number, "name": name} for number, name in enumerate(BOXES, 1)]
    return {"images": images, "annotations": drawn, "categories": categories} | changed


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path
