"""One evaluation: a row for each image, and what was measured against what."""

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
TOLERANCE = "tolerance"  # how the unit of a ratio begins that depends on a length


@dataclass(frozen=True)
class Case:
    """What was measured on one image.

    Attributes:
        image: Its path below the folder of the data set.
        patient: ``p1``, ``p2`` ...: tells images of one patient; not the key, which may be a name.
        truth: Who made the mask that counts as true: one of `cxrtk.api.TRUTHS`.
        heart: Do the lungs of that mask run through the heart: ``excluded``, ``included`` or ``unknown``.
        shape: Rows and columns of the image; all is measured at this size.
        values: Name of the metric -> its value; finite.
        prediction_pixels: Area of the predicted mask.
        truth_pixels: Area of the true mask.
        part: ``train``, ``validation`` or ``test`` where the model's run used the image; else empty.
        failure: Why this is a failed case, one word of `failure_of` and what is known besides; empty where it
            is none.
        spacing_mm: (row, column) of the pixels, as the reader gives it; ``None`` where unknown.
        spacing_source: Of the spacing; see `cxrtk.Radiograph`.
        mask: File of the predicted mask below the evaluation's folder; empty where none was written.
        columns: What else the reader says of the image, as far as it was asked for: text.
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

    @property
    def length_unit(self) -> str:
        """Of this image's distances: ``mm`` or ``pixels``."""
        return "mm" if self.spacing_mm else "pixels"


@dataclass(frozen=True)
class MetricAbout:
    """How a metric's numbers are to be read.

    Attributes:
        higher_is_better: As it says.
        unit: ``""`` for a ratio, ``length``, ``area`` or ``tolerance``; see `cxrtk.scores.ImageMetric`.
        takes: ``masks`` or ``probabilities``.
    """

    higher_is_better: bool = True
    unit: str = ""
    takes: str = "masks"

    def unit_of(self, case: Case) -> str:
        """The unit of one image's number: empty, ``mm``, ``mm2``, ``pixels`` or ``tolerance in mm``."""
        if not self.unit:
            return ""
        if self.unit == "tolerance":
            return f"{TOLERANCE} in {case.length_unit}"
        return "mm2" if self.unit == "area" and case.spacing_mm else case.length_unit


@dataclass(frozen=True)
class Evaluation:
    """The table of one model, or of somebody's masks, on one data set.

    Attributes:
        cases: A row an image.
        metrics: Name -> how to read it; each case has a value of each.
        about: What was run on what, plain JSON: ``predictions``, ``dataset``, ``split``, ``versions`` and so
            on.
        warnings: What a reader of the numbers must know, each a sentence.
        left_out: (image, why) of what could not be evaluated at all, as an image that cannot be read.

    Raises:
        DataError: No case, two of one image, truths or conventions on the heart that differ, or a case
            without one of the metrics.
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
                    f"The masks that count as true are not of one kind: {what} is {counts}; evaluate each "
                    "kind on its own."
                )
        twice, count = Counter(case.image for case in self.cases).most_common(1)[0]
        if count > 1:
            raise DataError(f"{twice}: is evaluated twice; list each image once.")
        for case in self.cases:
            if set(case.values) != set(self.metrics):
                raise DataError(f"{case.image}: has the metrics {sorted(case.values)}, not the table's.")

    @property
    def truth(self) -> str:
        """What all numbers are measured against, in words: ``human masks, heart excluded``."""
        first = self.cases[0]
        return f"{first.truth} masks, heart {first.heart}"

    @property
    def failed(self) -> list[Case]:
        """The failed cases."""
        return [case for case in self.cases if case.failure]


def failure_of(prediction_pixels: int, truth_pixels: int) -> str:
    """`EMPTY_PREDICTION`, `EMPTY_TRUTH`, or nothing: where both are empty the prediction is right."""
    if prediction_pixels == 0 and truth_pixels > 0:
        return EMPTY_PREDICTION
    if truth_pixels == 0 and prediction_pixels > 0:
        return EMPTY_TRUTH
    return ""
