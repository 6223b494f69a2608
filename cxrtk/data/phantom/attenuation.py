"""Transmission of the beam from the thickness of each material (Beer-Lambert)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.float32]

# Linear attenuation in 1/cm at 60 keV, about the mean energy of a filtered 110 to 120 kV chest beam:
# mass attenuation times density. Both columns: NIST, Hubbell and Seltzer, "Tables of X-Ray Mass Attenuation
# Coefficients" (NISTIR 5632), tables 2 and 4, compositions of ICRU report 44. The density of inflated lung,
# 0.26 g/cm3, is ICRU 44's too. Spongy bone is a share of cortical bone in soft tissue: see `bones`, `spine`.
ATTENUATION_PER_CM: Mapping[str, float] = MappingProxyType(
    {
        "tissue": 0.2048 * 1.06,  # 0.2171
        "fat": 0.1974 * 0.95,  # 0.1875
        "bone": 0.3148 * 1.92,  # 0.6044
        "lung": 0.2053 * 0.26,  # 0.0534
        "air": 0.1875 * 0.001205,  # 0.0002
    }
)


def transmission(thickness_cm: Mapping[str, Image]) -> Image:
    """Return the fraction of the primary beam neither absorbed nor scattered: exp(-sum of mu t).

    Args:
        thickness_cm: Material of `ATTENUATION_PER_CM` -> (H, W) path length through it, in cm.

    Returns:
        (H, W) in (0, 1].

    >>> round(float(transmission({"tissue": np.full((1, 1), 10, np.float32)})[0, 0]), 4)
    0.1141
    """
    exponent = sum(np.float32(ATTENUATION_PER_CM[name]) * cm for name, cm in thickness_cm.items())
    return np.exp(-np.asarray(exponent, dtype=np.float32))
