"""From transmission to the displayed image: scatter, detector, quantum noise, processing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, zoom

from cxrtk.data.phantom.frame import Array


@dataclass(frozen=True)
class Exposure:
    """Exposure and processing parameters of one image.

    Attributes:
        quanta: Photons per mm2 counted by the detector in the unattenuated beam.
        scatter: Fraction of the single-scattered radiation that passes the grid.
        blur_mm: Standard deviation of the detector's blur.
        equalise: Fraction of the large-scale contrast removed by processing, 0 (film) to 0.5.
        sharpen: Gain on fine detail.
        low: Percentile of the body that is displayed as black.
        high: Percentile of the body that is displayed as white.
        gamma: Gamma of the display; below 1 is brighter.
        toe: Strength of the S shape of the display curve, 0 to 1.
    """

    quanta: float
    scatter: float
    blur_mm: float
    equalise: float
    sharpen: float
    low: float
    high: float
    gamma: float
    toe: float


def draw_exposure(rng: np.random.Generator, view: str) -> Exposure:
    """Draw an exposure; images taken in bed have more noise and more scatter."""
    bed = view == "AP"
    return Exposure(
        quanta=float(np.exp(rng.uniform(np.log(2e5), np.log(1.5e6)))) * (0.4 if bed else 1.0),
        scatter=float(rng.uniform(0.05, 0.12) * (1.7 if bed else 1.0)),
        blur_mm=float(rng.uniform(0.12, 0.30)),
        equalise=float(rng.uniform(0.2, 0.6)),
        sharpen=float(rng.uniform(0.1, 0.9)),
        low=float(rng.uniform(0.5, 3.0)),
        high=float(rng.uniform(97.5, 99.9)),
        gamma=float(rng.uniform(0.75, 1.15)),
        toe=float(rng.uniform(0.0, 0.5)),
    )


def wide_blur(image: Array, sigma: float) -> Array:
    """Apply a Gaussian blur of a large radius, computed on a downsampled copy."""
    size = image.shape[0]
    factor = max(1, int(sigma / 3))
    while size % factor:
        factor -= 1
    coarse = image.reshape(size // factor, factor, size // factor, factor).mean(axis=(1, 3))
    coarse = gaussian_filter(coarse, sigma / factor, mode="nearest")
    if factor == 1:
        return np.asarray(coarse, np.float32)
    return np.asarray(zoom(coarse, factor, order=1, mode="nearest", grid_mode=True), np.float32)


def expose(primary: Array, pixel_mm: float, exposure: Exposure, rng: np.random.Generator) -> Array:
    """Return the detector signal, as a fraction of the unattenuated beam.

    I = P + s G(-P ln P), blurred by the detector, then Poisson. P is the primary transmission, exp(-mu t), so
    that -P ln P is mu t exp(-mu t), the radiation scattered once and not absorbed. G is a Gaussian of 28 mm,
    since scatter arrives from all directions, and s the fraction that passes the grid.

    Returns:
        (H, W), above 0.
    """
    scattered = exposure.scatter * wide_blur(-primary * np.log(np.maximum(primary, 1e-6)), 28 / pixel_mm)
    signal = gaussian_filter(primary + scattered, max(exposure.blur_mm / pixel_mm, 0.45))
    quanta = np.float32(exposure.quanta * pixel_mm**2)
    noise = rng.standard_normal(signal.shape, dtype=np.float32)
    # Hundreds of quanta per pixel: the Poisson distribution is approximated by a normal one.
    counted = signal * quanta + np.sqrt(signal * quanta) * noise
    share: Array = np.maximum(counted, np.float32(1)) / quanta
    return share


def display(counted: Array, body: npt.NDArray[np.bool_], pixel_mm: float, exposure: Exposure) -> Array:
    """Apply logarithm, processing and window: brighter is denser.

    Args:
        counted: (H, W) from `expose`.
        body: (H, W) bool mask to which the window is fitted.
        pixel_mm: Pixel spacing in mm.
        exposure: Exposure and processing parameters.

    Returns:
        (H, W) in [0, 1].
    """
    density = -np.log(counted)
    wide = wide_blur(np.maximum(density, 1.0), 22 / pixel_mm)
    fine = gaussian_filter(density, 4.0 / pixel_mm)
    density = (
        density - exposure.equalise * (wide - np.float32(wide.mean())) + exposure.sharpen * (density - fine)
    )
    low, high = np.percentile(density[body][::7], [exposure.low, exposure.high])
    shown = np.clip((density - np.float32(low)) * np.float32(1 / max(high - low, 1e-3)), 0, 1)
    bent = shown * shown * (3 - 2 * shown)
    shown = shown + np.float32(exposure.toe) * (bent - shown)
    return np.asarray(shown ** np.float32(exposure.gamma), np.float32)
