"""Distributions of measures over the images of a page: bars, median, and outliers linked to their images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.ticker import MaxNLocator

from cxrtk.report.measured import Measured

WIDTH, HEIGHT = 320, 96  # size of the bars of one batch, in picture units
MOST_BINS = 24
LEAST_VALUES = 8  # fewer values have no meaningful quartiles
WHISKER = 1.5  # distance of an outlier from the quartiles, in interquartile ranges (Tukey 1977)
MOST_NAMED = 12  # outliers that are listed by name

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: left edge, width, and height relative to the highest bar, 0 to 1."""

    x: float
    width: float
    share: float


@dataclass(frozen=True)
class Outlier:
    """An image far from the others: name, value, position, and the id of its card if it is on the page."""

    name: str
    text: str
    x: float
    opens: str = ""


@dataclass(frozen=True)
class Distribution:
    """The drawing of one measure.

    Attributes:
        measure: The measure.
        count: Number of values; the other images have none.
        ticks: Position and text of each tick of the axis.
        bars: Bars of the page's own batch, drawn upwards.
        median: Position of the median.
        says: Median, quartiles and number of images, in words.
        outliers: All outliers.
        other: Bars of the other batch in a comparison, drawn downwards.
        other_median: Position of the other batch's median.
    """

    measure: Measured
    count: int
    ticks: Sequence[tuple[float, str]]
    bars: Sequence[Bar]
    median: float
    says: str
    outliers: Sequence[Outlier]
    other: Sequence[Bar] = ()
    other_median: float | None = None

    @property
    def named(self) -> Sequence[Outlier]:
        """Outliers to list by name: those farthest from the median."""
        return sorted(self.outliers, key=lambda each: -abs(each.x - self.median))[:MOST_NAMED]


def distribution(
    measure: Measured,
    values: Mapping[str, float],
    opens: Mapping[str, str],
    other: Sequence[float] = (),
) -> Distribution | None:
    """Draw the distribution of one measure; ``None`` for fewer than two values.

    Args:
        measure: The measure.
        values: Value of each image, by its name.
        opens: Id of the card of each image on the page, by its name.
        other: Values of another batch, drawn on the same axis.
    """
    found = np.array(list(values.values()), dtype=np.float64)
    if len(found) < 2:
        return None
    second = np.array(other, dtype=np.float64)
    edges = _edges(np.concatenate([found, second]))
    low, high = float(edges[0]), float(edges[-1])

    def place(value: float) -> float:
        return round((value - low) / (high - low) * WIDTH, 2)

    counted = [np.histogram(each, edges)[0] / max(len(each), 1) for each in (found, second)]
    top = float(max(shares.max() for shares in counted))
    bars = [
        [
            Bar(place(left), round(place(right) - place(left), 2), round(float(share) / top, 4))
            for left, right, share in zip(edges[:-1], edges[1:], shares, strict=True)
            if share
        ]
        for shares in counted
    ]
    outliers = [
        Outlier(name, measure.text(value), place(value), opens.get(name, ""))
        for (name, value), out in zip(values.items(), is_outlier(found), strict=True)
        if out
    ]
    ticks = [
        (place(tick), f"{tick:,g}") for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high
    ]
    return Distribution(
        measure,
        len(found),
        ticks,
        bars[0],
        place(float(np.median(found))),
        _says(measure, found),
        outliers,
        bars[1],
        place(float(np.median(second))) if len(second) else None,
    )


def is_outlier(values: Values) -> npt.NDArray[np.bool_]:
    """Return which values lie more than 1.5 interquartile ranges outside the quartiles (Tukey 1977).

    >>> np.flatnonzero(is_outlier(np.array([1, 2, 3, 4, 5, 6, 7, 40.0]))).tolist() == [7]
    True
    """
    if len(values) < LEAST_VALUES:
        return np.zeros(len(values), dtype=np.bool_)
    first, third = np.percentile(values, (25, 75))
    reach = WHISKER * (third - first)
    out: npt.NDArray[np.bool_] = (values < first - reach) | (values > third + reach)
    return out


def _edges(values: Values) -> Values:
    """Return the edges of the bins; their number follows NumPy's rule, up to `MOST_BINS`."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - (abs(low) or 1) / 20, high + (abs(high) or 1) / 20
    number = len(np.histogram_bin_edges(values, "sturges")) - 1
    edges: Values = np.linspace(low, high, min(2 * number, MOST_BINS) + 1)
    return edges


def _says(measure: Measured, values: Values) -> str:
    first, median, third = (measure.text(float(each)) for each in np.percentile(values, (25, 50, 75)))
    unit = f" {measure.unit}" if measure.unit else ""
    return f"Median {median}{unit}, quartiles {first} and {third}, of {len(values):,} images."
