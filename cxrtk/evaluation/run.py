"""Every image of a data set -> a row: its truth, what was found on it, and how the two agree."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.api import Label, Radiograph, Reader
from cxrtk.data.atomic import replacing
from cxrtk.data.outputs import output_stems, relative_paths
from cxrtk.errors import CxrReadError
from cxrtk.evaluation.curves import Counts, count_pixels
from cxrtk.evaluation.meter import Meter
from cxrtk.evaluation.table import NO_PREDICTION, Case, failure_of

Item = Mapping[str, Any]
Truth = Callable[[Item, Radiograph], Label]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """What was found on one image.

    Attributes:
        mask: (H, W) uint8 of zeros and ones, the image's size; empty where there is none.
        probabilities: (H, W) float32 in [0, 1], where there are any.
        missing: Why there is no prediction; empty where there is one.
    """

    mask: npt.NDArray[np.uint8]
    probabilities: npt.NDArray[np.float32] | None = None
    missing: str = ""


class Finder(Protocol):
    """Finds lungs: a model, a mask generator, or a folder of masks."""

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """The lungs of one image.

        Args:
            name: Its path below the data set's folder.
            radiograph: The image.
            heart: Whether they are to run through the heart: ``excluded``, ``included`` or ``unknown``.
        """


@dataclass
class Results:
    """What `evaluate` found.

    Attributes:
        cases: A row an image.
        left_out: (image, why) of those that could not be evaluated.
        counts: Pixels of each case by probability and truth, where there were probabilities.
    """

    cases: list[Case] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)


def reader_truth(reader: Reader) -> Truth:
    """The labels that come with the data set."""

    def truth(item: Item, _: Radiograph) -> Label:
        label = reader.read_label(item)
        if label is None:
            raise CxrReadError(item["image"], "has no mask", cure="leave it out", code="label")
        return label

    return truth


def evaluate(
    items: Sequence[Item],
    reader: Reader,
    find: Finder,
    truth: Truth,
    meter: Meter,
    *,
    dataset_dir: Path,
    parts: Mapping[str, str] | None = None,
    columns: Sequence[str] = (),
    masks_dir: Path | None = None,
    report: Callable[[], None] = lambda: None,
) -> Results:
    """Measure every item; one that cannot be read is left out and told, and does not stop the others.

    Args:
        items: The reader's.
        reader: Reads the images.
        find: What is evaluated.
        truth: Against what.
        meter: By which numbers.
        dataset_dir: Names of images are paths below it.
        parts: Path of an image -> part of the model's own split.
        columns: What else of the items goes into the rows; no more of them does.
        masks_dir: Folder for the predicted masks, 0 and 255.
        report: Called after each image.
    """
    names = relative_paths([str(item["image"]) for item in items], dataset_dir)
    results = Results()
    keys = dict.fromkeys(str(item["patient"]) for item in items)  # may be names: only their numbers go out
    patients = {key: f"p{number}" for number, key in enumerate(keys, 1)}
    for item, name, stem in zip(items, names, output_stems(names), strict=True):
        path = str(item["image"])
        try:
            radiograph = reader.read(path)
            label = _fitting(truth(item, radiograph), radiograph, path)
        except CxrReadError as error:
            logger.warning("%s", error)
            results.left_out.append((name.as_posix(), error.reason))
            report()
            continue
        found = find(name.as_posix(), radiograph, label.heart)
        lungs = label.lungs()
        values = meter(
            found.mask, lungs, found.probabilities, spacing=radiograph.spacing_mm, ignore=label.ignore
        )
        counted = np.ones(lungs.shape, bool) if label.ignore is None else label.ignore == 0
        areas = int(found.mask[counted].sum()), int(lungs[counted].sum())
        file = "" if masks_dir is None else f"{masks_dir.name}/{stem.as_posix()}.png"
        if masks_dir is not None:
            _save(found.mask, masks_dir / f"{stem}.png")
        if found.probabilities is not None:
            results.counts.append(count_pixels(found.probabilities[counted], lungs[counted]))
        results.cases.append(
            Case(
                image=name.as_posix(),
                patient=patients[str(item["patient"])],
                truth=label.truth,
                heart=label.heart,
                shape=(lungs.shape[0], lungs.shape[1]),
                values=values,
                prediction_pixels=areas[0],
                truth_pixels=areas[1],
                part=(parts or {}).get(path, ""),
                failure=f"{NO_PREDICTION}: {found.missing}" if found.missing else failure_of(*areas),
                spacing_mm=radiograph.spacing_mm,
                spacing_source=radiograph.spacing_source,
                mask=file,
                columns={key: "" if item[key] is None else str(item[key]) for key in columns},
            )
        )
        report()
    return results


def _fitting(label: Label, radiograph: Radiograph, path: str) -> Label:
    """The label, if it has the image's size and holds lungs."""
    shape = label.masks.shape[1:]
    if shape != radiograph.pixels.shape:
        what = f"its mask is {shape[1]} x {shape[0]} pixels, not the image's size"
        raise CxrReadError(path, what, cure="make both the same size", code="size")
    try:
        label.lungs()
    except ValueError as error:
        what = f"its label holds no lungs: {error}"
        raise CxrReadError(path, what, cure="check the label's classes", code="label") from error
    return label


def _save(mask: npt.NDArray[np.uint8], path: Path) -> None:
    with replacing(path) as part:
        Image.fromarray(mask * np.uint8(255)).save(part)
