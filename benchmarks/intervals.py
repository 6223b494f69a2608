"""Numbers of many images as the tables of the docs show them: means, worst deciles, 95 % intervals.

The intervals are those of `cxrtk evaluate`: a percentile bootstrap that draws patients, not images.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cxrtk.evaluation.bootstrap import Interval, interval_of_mean
from cxrtk.evaluation.findings import auc, auc_interval

Numbers = npt.NDArray[np.floating]


def span(interval: Interval | None, form: str = ".4f") -> str:
    """(low, high) as "low to high"; a dash where there is no interval."""
    return "-" if interval is None else f"{interval[0]:{form}} to {interval[1]:{form}}"


def mean_and_span(values: Numbers, patients: Sequence[str] | None = None, form: str = ".4f") -> str:
    """The mean of (N,) values and its interval, "0.9786 (0.9770 to 0.9801)".

    Args:
        values: One for each image.
        patients: Patient of each image; default: each image has a patient of its own.
        form: How a number is formatted.
    """
    numbers = [float(value) for value in values]
    patients = [str(place) for place in range(len(numbers))] if patients is None else patients
    interval = interval_of_mean(numbers, patients)
    return f"{np.mean(numbers):{form}} ({span(interval, form)})"


def worst_decile(values: Numbers) -> float:
    """The mean of the lowest tenth of (N,) values, of at least one.

    For a distance, where the highest are the worst, it is ``-worst_decile(-values)``.
    """
    return float(np.sort(values)[: max(1, len(values) // 10)].mean())


def auc_and_span(
    scores: Numbers, positive: npt.NDArray[np.bool_], images: npt.NDArray[np.number]
) -> tuple[str, str]:
    """The AUC of (N,) scores and its interval; the rows of one image are drawn together.

    A dash stands for both where all rows are positive, or none.
    """
    area = auc(scores, positive)
    interval = auc_interval(scores, positive, [str(image) for image in images])
    return "-" if area is None else f"{area:.3f}", span(interval, ".3f")
