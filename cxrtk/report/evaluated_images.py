"""Overlays of image, ground truth, prediction and difference, if the files are unchanged since evaluation."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cxrtk.api import Label, Radiograph
from cxrtk.data import pixels
from cxrtk.data.isolation import IsolatedReader
from cxrtk.data.outputs import relative_paths
from cxrtk.data.overlay import MASK_COLOUR, TRUTH_COLOUR, outline
from cxrtk.errors import CxrError, CxrReadError
from cxrtk.evaluation.table import Case, Evaluation
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.registry import masks
from cxrtk.report import masks as written
from cxrtk.report import pictures
from cxrtk.report.figures.overlays import Seen
from cxrtk.report.pictures import LayerStyle, Picture
from cxrtk.report.sources import Images

Mask = npt.NDArray[np.uint8]

# From the palette of Okabe & Ito; the legend and the fill or line style distinguish the layers, too.
STYLES = (
    LayerStyle("prediction", "Prediction", MASK_COLOUR),
    LayerStyle("truth", "Truth (outline)", TRUTH_COLOUR),
    LayerStyle("missed", "Missed", (204, 121, 167)),
    LayerStyle("added", "Too much", (213, 94, 0)),
)
# Maximum number of images -> longer side of a picture in pixels; keeps a page of 1,000 images below 30 MB.
SIDES = ((200, 512), (1000, 288))
LEAST_SIDE = 192
FIGURE_SIDE = 512

logger = logging.getLogger(__name__)


class Intensity(NamedTuple):
    """Grey levels of one image, in [0, 1]; ``None`` if the ground truth is empty or full."""

    mean: float
    median: float
    inside: float | None
    outside: float | None


@dataclass(frozen=True)
class Shown:
    """Displayable content of one image.

    Attributes:
        picture: Overlay of the image; ``None`` if it cannot be shown.
        notes: Missing parts and their reasons, one sentence each.
        intensity: Grey levels of the image; ``None`` if the image or its ground truth could not be read.
        seen: Data for the figure of the best, median and worst image, if this is one of them.
    """

    picture: Picture | None
    notes: tuple[str, ...] = ()
    intensity: Intensity | None = None
    seen: Seen | None = None


def show(
    evaluation: Evaluation, folder: Path, cases: Sequence[Case], images: Images, kept: Mapping[str, str]
) -> Iterator[Shown]:
    """Yield the displayable content of each case, in order.

    Args:
        evaluation: Evaluation, which names the reader of the images.
        folder: Folder with the predicted masks.
        cases: Cases of the evaluation.
        images: Current folder of the data set; without a folder, the folder recorded by the evaluation.
        kept: Maps an image to its name in the figure of the best, median and worst image.
    """
    side = next((side for most, side in SIDES if len(cases) <= most), LEAST_SIDE)
    try:
        dataset = evaluation.about["dataset"]
        root = images.folder or Path(dataset["path"])
        if not root.is_dir():
            raise CxrReadError(root, "is gone", cure="name it by --input", code="missing")
        arguments = {**dataset.get("arguments", {}), "root": str(root)}
        reader = IsolatedReader(dataset["reader"], arguments)
        items = reader.items()
        generator = str(dataset.get("truth_generator") or "")
        made = masks.create(generator) if generator else None
        data = DataSet(root, dataset["reader"], arguments, made, generator)
    except (CxrError, KeyError, TypeError) as error:
        logger.warning("The data set cannot be read, so the page shows no image: %s", error)
        note = "There is no picture: the data set was moved; name its folder by --input."
        for _ in cases:
            yield Shown(None, (note,))
        return
    names = relative_paths([str(item["image"]) for item in items], root)
    by_name = {name.as_posix(): item for name, item in zip(names, items, strict=True)}
    with reader:
        for case in cases:
            item = by_name.get(case.image)
            if item is None:
                yield Shown(None, ("There is no picture: the data set has no such image any more.",))
                continue
            try:
                path = str(item["image"])
                radiograph = reader.read(path)
                label = data.truth(path, radiograph, partial(reader.read_label, item))
                yield _show(evaluation, folder, case, radiograph, label, side, kept.get(case.image, ""))
            except CxrReadError as error:
                yield Shown(None, (f"There is no picture: the image or its truth {error.reason}.",))


def _show(
    evaluation: Evaluation,
    folder: Path,
    case: Case,
    radiograph: Radiograph,
    label: Label,
    side: int,
    figure_name: str,
) -> Shown:
    shape = radiograph.pixels.shape
    if shape != tuple(case.shape):
        return Shown(None, ("There is no picture: the image has another size than the one evaluated.",))
    notes: list[str] = []
    counted = np.ones(shape, np.uint8) if label.ignore is None else (label.ignore == 0).astype(np.uint8)
    true: Mask | None = label.lungs() * counted
    if true is not None and int(true.sum()) != case.truth_pixels:
        notes.append("The truth has changed since the evaluation and is not shown.")
        true = None
    found = _prediction(folder, case, counted, notes)
    small = pictures.fit((shape[0], shape[1]), side)
    shades = pictures.stretched(pictures.shrink(radiograph.pixels, small))
    picture = pictures.picture_of(shades, _layers(true, found, small))
    intensity = None if true is None else _intensity(radiograph.pixels, true)
    seen = None
    if figure_name and true is not None and found is not None:
        seen = _seen(figure_name, case, evaluation, radiograph.pixels, found, true)
    return Shown(picture, tuple(notes), intensity, seen)


def _prediction(folder: Path, case: Case, counted: Mask, notes: list[str]) -> Mask | None:
    """Read the predicted mask if it is still the one that was evaluated."""
    if not case.mask:
        notes.append("The prediction cannot be shown: masks were not written (--no-masks).")
        return None
    try:
        mask = pixels.read_mask(written.inside(folder, case.mask))
    except CxrReadError as error:
        notes.append(f"The prediction cannot be shown: its file {error.reason}.")
        return None
    if mask.shape != counted.shape or int((mask * counted).sum()) != case.prediction_pixels:
        notes.append("The prediction's file has changed since the evaluation and is not shown.")
        return None
    return mask * counted


def _layers(true: Mask | None, found: Mask | None, small: pictures.Size) -> list[tuple[LayerStyle, Mask]]:
    by_name = {style.name: style for style in STYLES}
    layers = []
    if found is not None:
        layers.append((by_name["prediction"], found))
    if true is not None and found is not None:
        layers.append((by_name["missed"], (true > found).astype(np.uint8)))
        layers.append((by_name["added"], (found > true).astype(np.uint8)))
    if true is not None:
        # Drawn at the size of the picture, so that lines are equally wide in all pictures.
        line = outline(pictures.coverage(true, small) > 127)
        layers.append((by_name["truth"], line.astype(np.uint8)))
    return layers


def _intensity(values: npt.NDArray[np.float32], true: Mask) -> Intensity:
    inside = true > 0
    some = bool(inside.any()) and not bool(inside.all())
    return Intensity(
        float(values.mean(dtype=np.float64)),
        float(np.median(values)),
        float(values[inside].mean(dtype=np.float64)) if some else None,
        float(values[~inside].mean(dtype=np.float64)) if some else None,
    )


def _seen(
    name: str, case: Case, evaluation: Evaluation, values: npt.NDArray[np.float32], found: Mask, true: Mask
) -> Seen:
    """Prepare an image for the figure, at a size suitable for print."""
    size = pictures.fit((values.shape[0], values.shape[1]), FIGURE_SIDE)
    shades = np.asarray(pictures.stretched(pictures.shrink(values, size)) / 255, np.float32)
    small = [(pictures.coverage(mask, size) > 127).astype(np.uint8) for mask in (found, true)]
    metric = "dice" if "dice" in evaluation.metrics else next(iter(evaluation.metrics))
    return Seen(name, case.image, case.values[metric], shades, small[0], small[1])
