"""One image -> its row of an evaluation: how well the prediction agrees with the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cxrtk.api import Label, Radiograph
from cxrtk.errors import CxrReadError
from cxrtk.evaluation.curves import Counts, count_pixels
from cxrtk.evaluation.meter import Meter
from cxrtk.evaluation.table import NO_PREDICTION, Case, failure_of


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


def score(
    name: str,
    radiograph: Radiograph,
    label: Label,
    found: Found,
    meter: Meter,
    *,
    patient: str,
    part: str = "",
    mask: str = "",
    columns: Mapping[str, str] | None = None,
) -> tuple[Case, Counts | None]:
    """Measure a prediction.

    Args:
        name: Path of the image below the data set's folder.
        radiograph: The image.
        label: Its true masks; see `fitting`.
        found: What is measured.
        meter: By which numbers.
        patient: Tells images of one patient; goes into the row.
        part: Of the split of the model's run; empty where it is in none.
        mask: File of the predicted mask, for the row.
        columns: More of the row.

    Returns:
        The row, and the pixels by probability and truth where there are probabilities.
    """
    lungs = label.lungs()
    values = meter(found.mask, lungs, found.probabilities, spacing=radiograph.spacing_mm, ignore=label.ignore)
    counted = np.ones(lungs.shape, bool) if label.ignore is None else label.ignore == 0
    areas = int(found.mask[counted].sum()), int(lungs[counted].sum())
    case = Case(
        image=name,
        patient=patient,
        truth=label.truth,
        heart=label.heart,
        shape=(lungs.shape[0], lungs.shape[1]),
        values=values,
        prediction_pixels=areas[0],
        truth_pixels=areas[1],
        part=part,
        failure=f"{NO_PREDICTION}: {found.missing}" if found.missing else failure_of(*areas),
        spacing_mm=radiograph.spacing_mm,
        spacing_source=radiograph.spacing_source,
        mask=mask,
        columns=columns or {},
    )
    if found.probabilities is None:
        return case, None
    return case, count_pixels(found.probabilities[counted], lungs[counted])


def fitting(label: Label, radiograph: Radiograph, path: str) -> Label:
    """The label itself.

    Raises:
        CxrReadError: It has another size than the image, or holds no lungs.
    """
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
