"""Contract of an image: its pixels, its spacing, and how they were determined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

SPACING_SOURCES = ("calibrated", "detector", "magnified", "unspecified", "table")


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One radiograph, upright as displayed.

    Attributes:
        pixels: (H, W) float32 in [0, 1] of the *declared* range (the stored bits or the ends of the VOI for
            DICOM, 255 or 65535 for PNG); brighter is denser.
        spacing_mm: (row, column) distance of pixel centres in mm; ``None`` where the file does not give one,
            never a default of 1.0.
        spacing_source: One of `SPACING_SOURCES`, ``None`` exactly where `spacing_mm` is:
            ``calibrated`` (a PixelSpacing with a calibration type, or one that differs from
            ImagerPixelSpacing), ``detector`` (ImagerPixelSpacing), ``magnified`` (the same divided by
            EstimatedRadiographicMagnificationFactor), ``unspecified`` (PixelSpacing alone or equal to
            ImagerPixelSpacing), ``table`` (a data set's own table).
        meta: Provenance of each decision of the reader; allow-listed JSON values only.

    Raises:
        ValueError: Any of the above does not hold; no invalid `Radiograph` exists.
    """

    pixels: npt.NDArray[np.float32]
    spacing_mm: tuple[float, float] | None = None
    spacing_source: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype != np.float32:
            raise ValueError(
                f"Radiograph.pixels must be (H, W) float32, not {self.pixels.shape} {self.pixels.dtype}."
            )
        if self.pixels.size == 0:
            raise ValueError(f"Radiograph.pixels must not be empty, but is {self.pixels.shape}.")
        low, high = float(self.pixels.min()), float(self.pixels.max())
        if not (low >= 0.0 and high <= 1.0):  # written so that NaN fails too
            raise ValueError(f"Radiograph.pixels must lie in [0, 1], but go from {low} to {high}.")
        if (self.spacing_mm is None) != (self.spacing_source is None):
            raise ValueError(
                "Radiograph.spacing_mm and spacing_source must be given together or not at all, not "
                f"{self.spacing_mm} and {self.spacing_source!r}."
            )
        if self.spacing_source not in (None, *SPACING_SOURCES):
            raise ValueError(f"spacing_source must be one of {SPACING_SOURCES}, not {self.spacing_source!r}.")
        if self.spacing_mm is not None and not all(0.0 < mm < float("inf") for mm in self.spacing_mm):
            raise ValueError(f"Radiograph.spacing_mm must be two positive numbers, not {self.spacing_mm}.")
