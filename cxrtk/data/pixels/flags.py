"""Flags with stable names for readable images that deserve a second look.

``Radiograph.meta["flags"]`` maps each flag to its reason, as stated in the file: ``{"lateral": "(0018,5101)
ViewPosition = LL"}``. A flag changes no pixel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cxrtk.errors import CxrReadError

FLAGS: Final[dict[str, str]] = {
    "lateral": "a view from the side",
    "oblique": "a view at an angle",
    "decubitus": "the patient lay on a side: the image may be rotated by 90 degrees",
    "rotated": "displayed, the patient's feet are not below",
    "mirrored": "displayed, the patient's left is not on the right side",
    "one_sided": "the laterality names one side of the patient",
    "for_processing": "raw values that are not intended for display",
    "burned_in": "the image contains text that may name the patient",
    "polarity_contradiction": "two attributes disagree on black and white; PhotometricInterpretation is used",
    "voi_contradiction": "a window or look-up table does not fit the pixels; it is ignored",
    "bits_contradiction": "the stored values have a different number of bits than the header states; "
    "the values are used",
    "looks_inverted": "the middle is darker than the lungs next to it: an inverted image, or not a "
    "plain frontal radiograph",
    "lossy": "the compression was lossy",
    "not_square": "the pixels are not square",
    "tinted": "the colour channels differ by some grey levels; the middle one is used",
    "constant": "all pixels are equal",
    "tiny": "too few pixels to assess lungs",
    "elongated": "a shape that is implausible for a chest",
    "exif_orientation": "there is an EXIF orientation, which is not applied",
    "no_end": "the file stops before its end mark; the pixels are complete",
    "trailing_bytes": "the file continues after its end mark",
}


def refuse_flagged(path: str | Path, flags: Mapping[str, str], refuse: Sequence[str]) -> None:
    """Raise an error for a flag that is to be refused.

    Raises:
        CxrReadError: One of `refuse` is among `flags`.
        ValueError: One of `refuse` is not a known flag.
    """
    unknown = [name for name in refuse if name not in FLAGS]
    if isinstance(refuse, str) or unknown:
        raise ValueError(f"refuse must be a list of {', '.join(FLAGS)}, not {refuse!r}.")
    for name, why in flags.items():
        if name in refuse:
            what = f"is flagged {name}: {FLAGS[name]}"
            raise CxrReadError(path, what, tag=why, cure="leave it out, or accept the flag", code="flagged")
