"""Table of one evaluation: a row per image, with the settings of the evaluation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cxrtk.api import HEARTS, TRUTHS
from cxrtk.errors import DataError

NO_PREDICTION = "no prediction"
EMPTY_PREDICTION = "empty prediction"
EMPTY_TRUTH = "empty truth"
TOLERANCE = "tolerance"  # prefix of the unit of a ratio that depends on a length


@dataclass(frozen=True)
class Case:
    """Results of one image.

    Attributes:
        image: Path of the image below the data set's folder.
        patient: Pseudonym ``p1``, ``p2`` ... shared by the images of one patient; the key itself may be a
            name.
        truth: Origin of the ground-truth mask: one of `cxrtk.api.TRUTHS`.
        heart: Heart convention of that mask: ``excluded``, ``included`` or ``unknown``.
        shape: Rows and columns of the image, at which all metrics are computed.
        values: Name of the metric -> its finite value.
        prediction_pixels: Area of the predicted mask in pixels.
        truth_pixels: Area of the ground-truth mask in pixels.
        part: ``train``, ``validation`` or ``test`` where the model's run used the image; else empty.
        failure: Reason of a failed case: a code of `failure_of`, with any details; empty where the case did
            not fail.
        spacing_mm: (row, column) spacing of the pixels from the reader; ``None`` where unknown.
        spacing_source: Source of the spacing; see `cxrtk.Radiograph`.
        mask: File of the predicted mask below the evaluation's folder; empty where none was written.
        columns: Additional columns of the reader, as requested: text.
        flags: Names of the flags that the reader gave the image.
    """

    image: str
    patient: str
    truth: str
    heart: str
    shape: tuple[int, int]
    values: Mapping[str, float]
    prediction_pixels: int
    truth_pixels: int
    part: str = ""
    failure: str = ""
    spacing_mm: tuple[float, float] | None = None
    spacing_source: str | None = None
    mask: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    @property
    def length_unit(self) -> str:
        """Unit of this image's distances: ``mm`` or ``pixels``."""
        return "mm" if self.spacing_mm else "pixels"


@dataclass(frozen=True)
class MetricAbout:
    """Interpretation of a metric's values.

    Attributes:
        higher_is_better: Whether higher values are better.
        unit: ``""`` for a ratio, ``length``, ``area`` or ``tolerance``; see `cxrtk.scores.ImageMetric`.
        takes: ``masks`` or ``probabilities``.
    """

    higher_is_better: bool = True
    unit: str = ""
    takes: str = "masks"

    def unit_of(self, case: Case) -> str:
        """Return the unit of one image's value: empty, ``mm``, ``mm2``, ``pixels`` or ``tolerance in mm``."""
        if not self.unit:
            return ""
        if self.unit == "tolerance":
            return f"{TOLERANCE} in {case.length_unit}"
        return "mm2" if self.unit == "area" and case.spacing_mm else case.length_unit


@dataclass(frozen=True)
class Evaluation:
    """The table of one model, or of a set of masks, on one data set.

    Attributes:
        cases: One row per image.
        metrics: Name -> interpretation of the metric; each case has a value for each.
        about: Settings of the evaluation, plain JSON: ``predictions``, ``dataset``, ``split``, ``versions``
            and so on.
        warnings: Caveats on the results, a sentence each.
        left_out: (image, reason) of images that could not be evaluated, such as unreadable ones.

    Raises:
        DataError: There is no case, an image has two, the ground truths or heart conventions differ, or a
            case lacks one of the metrics.
    """

    cases: Sequence[Case]
    metrics: Mapping[str, MetricAbout]
    about: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    left_out: Sequence[tuple[str, str]] = ()

    def __post_init__(self) -> None:
        if not self.cases:
            raise DataError("No image was evaluated.")
        for what, known in (("truth", TRUTHS), ("heart", HEARTS)):
            kinds = Counter(str(getattr(case, what)) for case in self.cases)
            if len(kinds) > 1 or not set(kinds) <= set(known):
                counts = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
                raise DataError(
                    f"The ground truth is not of one kind: {what} is {counts}; evaluate each kind on its own."
                )
        twice, count = Counter(case.image for case in self.cases).most_common(1)[0]
        if count > 1:
            raise DataError(f"{twice}: is evaluated twice; list each image once.")
        for case in self.cases:
            if set(case.values) != set(self.metrics):
                raise DataError(f"{case.image}: has the metrics {sorted(case.values)}, not the table's.")

    @property
    def truth(self) -> str:
        """Description of the ground truth: ``human masks, heart excluded``."""
        first = self.cases[0]
        return f"{first.truth} masks, heart {first.heart}"

    @property
    def failed(self) -> list[Case]:
        """The failed cases."""
        return [case for case in self.cases if case.failure]


def failure_of(prediction_pixels: int, truth_pixels: int) -> str:
    """Return `EMPTY_PREDICTION`, `EMPTY_TRUTH`, or an empty string: two empty masks agree."""
    if prediction_pixels == 0 and truth_pixels > 0:
        return EMPTY_PREDICTION
    if truth_pixels == 0 and prediction_pixels > 0:
        return EMPTY_TRUTH
    return ""
