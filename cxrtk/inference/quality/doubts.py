"""Doubts about a radiograph that do not depend on its masks: flags, size, shape and pixel content."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cxrtk.api import Radiograph
from cxrtk.data.pixels.flags import FLAGS
from cxrtk.data.pixels.frontal import not_frontal
from cxrtk.data.pixels.picture_flags import size_flags

# For each flag of the pixels: whether masks of a flagged image can be ``ok``, and why.
BESIDE_OK: Mapping[str, bool] = MappingProxyType(
    {
        "lateral": False,
        "oblique": False,
        "decubitus": False,
        "rotated": False,
        "mirrored": False,  # right and left masks are swapped
        "one_sided": True,  # often set for images of the whole chest
        "for_processing": False,  # the grey levels differ from those in training
        "burned_in": True,
        "polarity_contradiction": False,
        "voi_contradiction": False,  # other header values may be wrong too
        "bits_contradiction": False,
        "looks_inverted": False,
        "lossy": True,
        "tinted": True,
        "not_square": True,  # masks are drawn on the pixel grid, not rescaled
        "constant": False,
        "tiny": False,
        "elongated": False,
        "exif_orientation": False,  # the image may lie on its side
        "no_end": True,
        "trailing_bytes": True,
    }
)


def doubts(radiograph: Radiograph) -> list[str]:
    """Return the reasons, in words, why masks of this radiograph cannot be considered good."""
    flags = dict(radiograph.meta.get("flags", {}))
    found = [f"the file is flagged {name}: {FLAGS[name]}" for name in flags if not BESIDE_OK.get(name, True)]
    found += [  # for arrays, and for readers that set no flags
        f"the image has {size}, {FLAGS[name]}"
        for name, size in size_flags(*radiograph.pixels.shape).items()
        if name not in flags
    ]
    if float(radiograph.pixels.min()) == float(radiograph.pixels.max()):
        found.append("the image has a single grey level")
    if stranger := not_frontal(radiograph.pixels):
        found.append(f"the picture looks {stranger}")
    return found
