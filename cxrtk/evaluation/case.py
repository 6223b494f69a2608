"""Scoring of one image: its row in an evaluation."""

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
    """The prediction for one image.

    Attributes:
        mask: (H, W) uint8 of zeros and ones, of the image's size; empty where there is no prediction.
        probabilities: (H, W) float32 in [0, 1], where available.
        missing: Reason why there is no prediction; empty where there is one.
    """

    mask: npt.NDArray[np.uint8]
    probabilities: npt.NDArray[np.float32] | None = None
    missing: str = ""


class Finder(Protocol):
    """Source of lung predictions: a model, a mask generator, or a folder of masks."""

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Predict the lungs of one image.

        Args:
            name: Path of the image below the data set's folder.
            radiograph: The image.
            heart: Heart convention of the masks: ``excluded``, ``included`` or ``unknown``.
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
    """Score a prediction against the ground truth.

    Args:
        name: Path of the image below the data set's folder.
        radiograph: The image.
        label: Ground-truth masks of the image; see `fitting`.
        found: Prediction to score.
        meter: Metrics to compute.
        patient: Pseudonym of the patient, for the row.
        part: Part of the split of the model's run; empty where it is in none.
        mask: File of the predicted mask, for the row.
        columns: Additional columns of the row.

    Returns:
        The row, and the pixel counts by probability and ground truth where there are probabilities.
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
    """Check that a label matches its image, and return it.

    Raises:
        CxrReadError: The label has another size than the image, or holds no lungs.
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
