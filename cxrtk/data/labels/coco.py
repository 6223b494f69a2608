"""COCO JSON: the polygons or run lengths of all pictures of a set in one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from cxrtk.data.labels.json_files import entries, read_json, wrong
from cxrtk.data.labels.named import MOST_CLASSES, Mask, NamedMasks, class_of, stack
from cxrtk.data.labels.polygons import Filling
from cxrtk.data.labels.runs import decode_coco
from cxrtk.data.pixels.content import MAX_PIXELS, check_size
from cxrtk.data.pixels.listing import stem_of
from cxrtk.errors import CxrReadError

KEYS = ("images", "annotations", "categories")


class Coco:
    """The segmentations of a COCO file, by the stem of the picture.

    Every picture with an annotation has all classes that occur in the file; those not drawn on it are empty.

    Args:
        path: Path of the JSON file.
        names: Map from category names to classes, for names unknown to `class_of`.
        content: Parsed content of the file, if it was read before.

    Raises:
        CxrReadError: The file cannot be read, is not COCO JSON, or names two pictures of one stem.
    """

    def __init__(self, path: str | Path, names: Mapping[str, str] | None = None, content: Any = None) -> None:
        self.path = str(path)
        content = read_json(path) if content is None else content
        if not is_coco(content):
            what = f"is not COCO JSON, which has the lists {', '.join(KEYS)}"
            raise CxrReadError(path, what, cure="export it again", code="format")
        categories = {
            each.get("id"): class_of(str(each.get("name", "")), names)
            for each in entries(path, content["categories"], "categories")
        }
        self.files: dict[str, str] = {}  # stem -> file name as written
        self._images: dict[str, tuple[Any, Any, Any]] = {}  # stem -> id, height, width
        for image in entries(path, content["images"], "images"):
            name = str(image.get("file_name", ""))
            stem = stem_of(PurePosixPath(name.replace("\\", "/")).name)
            if stem in self.files:
                raise wrong(path, f"two images have the stem {stem!r}")
            self.files[stem] = name
            self._images[stem] = (image.get("id"), image.get("height"), image.get("width"))
        self._drawn: dict[Any, list[tuple[str, int, Any]]] = {}  # image id -> class, number, segmentation
        for number, drawn in enumerate(entries(path, content["annotations"], "annotations"), start=1):
            if drawn.get("category_id") not in categories:
                raise wrong(path, f"annotation {number} is of an unknown category")
            part = (categories[drawn["category_id"]], number, drawn.get("segmentation"))
            self._drawn.setdefault(drawn.get("image_id"), []).append(part)
        self.classes: tuple[str, ...] = tuple(
            dict.fromkeys(name for parts in self._drawn.values() for name, _, _ in parts)
        )
        if len(self.classes) > MOST_CLASSES:
            raise wrong(path, f"it has more than {MOST_CLASSES} classes")

    def has(self, stem: str) -> bool:
        """Return whether the picture of that stem has an annotation."""
        return stem in self._images and self._images[stem][0] in self._drawn

    def read(self, stem: str, size: tuple[int, int] | None = None) -> NamedMasks:
        """Draw the masks of one picture, one for each class of the file.

        Args:
            stem: Stem of a picture for which `has` is true.
            size: (H, W) of the picture, which must agree with the file; ``None`` uses the size in the file.

        Raises:
            CxrReadError: The file states another size or none, or a segmentation is damaged or missing.
        """
        identity, height, width = self._images[stem]
        if type(height) is not int or type(width) is not int:
            raise wrong(self.path, f"image {stem!r} has no height and width")
        check_size(self.path, height, width, MAX_PIXELS)
        if size is not None and size != (height, width):
            what = f"says that {stem!r} is {width} x {height} pixels, but it is {size[1]} x {size[0]}"
            raise CxrReadError(self.path, what, cure="annotate the image itself", code="size")
        masks: dict[str, Mask] = {name: np.zeros((height, width), np.uint8) for name in self.classes}
        filling = Filling()
        for name, number, segmentation in self._drawn[identity]:
            try:
                _draw(masks[name], segmentation, filling)
            except ValueError as error:
                raise wrong(self.path, f"annotation {number}: {error}") from error
        return stack(masks, (height, width))


def is_coco(content: Any) -> bool:
    """Return whether parsed JSON has the lists of COCO."""
    return isinstance(content, dict) and all(isinstance(content.get(key), list) for key in KEYS)


def _draw(target: Mask, segmentation: Any, filling: Filling) -> None:
    """Draw one segmentation onto `target`; raise ValueError if it is invalid."""
    height, width = target.shape
    if isinstance(segmentation, dict):
        if segmentation.get("size") != [height, width]:
            raise ValueError(f"its size is not [{height}, {width}], as that of its image")
        filling.count(height * width // 2)  # run lengths cost half as much as polygons
        np.maximum(target, decode_coco(segmentation.get("counts", ()), height, width), out=target)
        return
    if not isinstance(segmentation, list) or not segmentation:
        raise ValueError("it has no segmentation, only a box")
    polygons = []
    for flat in segmentation:
        if not isinstance(flat, list) or len(flat) % 2:
            raise ValueError("a polygon is not a list of x and y in turn")
        polygons.append([flat[at : at + 2] for at in range(0, len(flat), 2)])
    filling.draw(target, polygons)
