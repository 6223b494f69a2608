"""From what a ray crosses to what the detector shows: Beer-Lambert, scatter, noise, processing.

Linear attenuation coefficients at 60 keV, near the effective energy of a 120 kV chest exposure: mass coefficients
of NIST's tables (Hubbell & Seltzer, NISTIR 5632, for the ICRU-44 tissues) times the density.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from cxrtk.data.phantom.anatomy import Exposure
from cxrtk.data.phantom.frame import Field

MU_SOFT = 0.2048 * 1.06  # 1/cm: cm^2/g times g/cm^3
MU_LUNG = 0.2053 * 0.26  # inflated
MU_BONE = 0.3148 * 1.92  # cortical
SCATTER_MM = 38.0  # sigma of the scatter's spread
REFERENCE_MM = 0.7  # pixel for which an exposure's photons are stated


def transmission(soft_cm: Field, lung_cm: Field, bone_cm: Field) -> Field:
    """Share of the photons that pass: exp(-sum of mu t), Beer-Lambert's law.

    Args:
        soft_cm: (H, W) cm of soft tissue, blood and muscle.
        lung_cm: (H, W) cm of inflated lung.
        bone_cm: (H, W) cm of cortical bone.
    """
    share: Field = np.exp(-(MU_SOFT * soft_cm + MU_LUNG * lung_cm + MU_BONE * bone_cm))
    return share


def detect(passed: Field, exposure: Exposure, spacing_mm: float, rng: np.random.Generator) -> Field:
    """(H, W) photon counts: the primary ones and the scattered, blurred, with Poisson noise."""
    photons = exposure.photons * (spacing_mm / REFERENCE_MM) ** 2
    counts = photons * (passed + exposure.scatter * _spread(passed, SCATTER_MM / spacing_mm))
    counts = ndimage.gaussian_filter(counts, exposure.blur / spacing_mm)
    noisy: Field = rng.poisson(np.clip(counts, 0.0, None)).astype(np.float32)
    return noisy


def display(counts: Field, exposure: Exposure, spacing_mm: float) -> Field:
    """Counts -> (H, W) in [0, 1], brighter is denser: logarithm, compression, sharpening, window, gamma."""
    log = -np.log(np.maximum(counts, 1.0)).astype(np.float32)
    log -= exposure.compression * _spread(log, 30.0 / spacing_mm)
    log += exposure.sharpen * (log - ndimage.gaussian_filter(log, 3.0 / spacing_mm))
    low, high = np.percentile(log[::4, ::4], exposure.window)
    shown: Field = np.clip((log - low) / max(high - low, 1e-6), 0.0, 1.0) ** exposure.gamma
    return shown


def mark(shown: Field, exposure: Exposure, rng: np.random.Generator) -> Field:
    """Add the lead letter at its upper corner, and blacken what the shutter covers."""
    size = shown.shape[0]
    if exposure.marker:
        canvas = Image.new("L", (size, size), 0)
        left = exposure.marker == "R"  # the patient's right is the image's left
        column = rng.uniform(0.03, 0.10) if left else rng.uniform(0.87, 0.93)
        font = ImageFont.load_default(size=max(8, size // 14))
        at = (column * size, rng.uniform(0.02, 0.10) * size)
        ImageDraw.Draw(canvas).text(at, exposure.marker, fill=255, font=font)
        shown = np.maximum(shown, np.asarray(canvas, dtype=np.float32) / 255.0)
    covered = np.zeros(shown.shape, dtype=bool)
    left_edge, top, right_edge, bottom = (round(share * size) for share in exposure.shutter)
    covered[:top], covered[size - bottom :] = True, True
    covered[:, :left_edge], covered[:, size - right_edge :] = True, True
    result: Field = np.where(covered, np.float32(0.0), shown)
    return result


def _spread(field: Field, sigma: float) -> Field:
    """A wide Gaussian blur, done on every eighth pixel."""
    small = ndimage.zoom(ndimage.uniform_filter(field, 8), 0.125, order=1, grid_mode=True, mode="nearest")
    blurred = ndimage.gaussian_filter(small, sigma / 8.0)
    factors = [big / little for big, little in zip(field.shape, small.shape, strict=True)]
    wide: Field = ndimage.zoom(blurred, factors, order=1, grid_mode=True, mode="nearest")
    return wide
