"""Signs of a failed segmentation: the structures that each sign is used for, and its reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cxrtk.classes import HEART, LUNGS, WITH_HEART

# Reason for each sign outside its usual range: "too low" and "too high"; {} is replaced by the value.
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "agreement": ("the mirrored image gives another mask (Dice {:.2f})", ""),
        "side_agreement": ("the mirrored image gives another mask of one lung (Dice {:.2f})", ""),
        "stability": ("the image moved by a few pixels gives another mask (Dice {:.2f})", ""),
        "entropy": ("", "the network is unsure of many pixels ({:.2f} bits a lung pixel)"),
        "fragments": ("", "the mask was in pieces ({:.0%} of it removed)"),
        "area": (
            "the lungs are unusually small ({:.0%} of the image)",
            "the lungs are unusually large ({:.0%} of the image)",
        ),
        "smaller_lung": ("one lung is much smaller than the other ({:.0%} of both)", ""),
        "shape": ("", "the lungs are unusually shaped (distance {:.1f})"),
        "appearance": ("", "the image is unlike those the model was trained on (distance {:.1f})"),
        "with_heart": (
            "lungs and heart are not the lungs that are drawn through the heart (Dice {:.2f})",
            "",
        ),
        "heart_agreement": ("the mirrored image gives another heart (Dice {:.2f})", ""),
        "heart_stability": ("the image moved by a few pixels gives another heart (Dice {:.2f})", ""),
        "heart_entropy": (
            "",
            "the network is unsure of many pixels of the heart ({:.2f} bits a pixel of it)",
        ),
        "heart_fragments": ("", "the heart was in pieces ({:.0%} of it removed)"),
        "heart_solidity": ("the heart is ragged ({:.0%} of its convex hull)", ""),
        "heart_share": (
            "the heart is unusually small ({:.0%} of the area of the lungs)",
            "the heart is unusually large ({:.0%} of the area of the lungs)",
        ),
        "ratio_spread": ("", "the views of the image differ in the cardiothoracic ratio (SD {:.3f})"),
        "united_agreement": ("the mirrored image gives other lungs with the heart (Dice {:.2f})", ""),
        "united_stability": (
            "the image moved by a few pixels gives other lungs with the heart (Dice {:.2f})",
            "",
        ),
        "united_entropy": (
            "",
            "the network is unsure of the lungs with the heart ({:.2f} bits a pixel of them)",
        ),
        "solidity": ("a lung is ragged ({:.0%} of its convex hull)", ""),
        "inner_entropy": ("", "the network is unsure of pixels well inside the lungs ({:.2f} bits)"),
        "outer_entropy": (
            "",
            "the network is unsure of pixels far from the lungs ({:.2f} bits a lung pixel)",
        ),
        "edge_share": ("the outline of a lung follows no edge of the picture ({:.0%} of it does)", ""),
        "edge_gradient": (
            "the outlines of the lungs are faint in the picture (gradient {:.2f} SD a pixel)",
            "",
        ),
        "separation": ("the lungs are hardly darker than what surrounds them ({:.1f} SD)", ""),
        "grey_spread": ("", "the grey levels within a lung differ unusually (SD {:.2f})"),
        "contrast": (
            "the middle is darker than usual: an inverted image, or not a plain frontal radiograph ({:.2f})",
            "",
        ),
    }
)

_MASKS = ("agreement", "side_agreement", "stability", "entropy", "shape", "with_heart")
_PICTURE = ("area", "edge_share", "edge_gradient", "separation", "grey_spread", "contrast")
_LUNGS = ("fragments", "smaller_lung", "solidity", "inner_entropy", "outer_entropy")
_HEART = tuple(name for name in WORDS if name.startswith("heart_"))
# The signs in the score of each structure. `appearance` is in none: the distance between the features of an
# image and those of the training images separates hospitals, but not good masks from bad ones.
SIGNS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        LUNGS: (*_MASKS, *_PICTURE, *_LUNGS, *_HEART, "ratio_spread"),
        HEART: (*_MASKS, *_HEART, "ratio_spread"),
        WITH_HEART: (*_MASKS, *_PICTURE, *_LUNGS, "united_agreement", "united_stability", "united_entropy"),
    }
)
# The sign that is 0 if a structure was not found, and the reason to give.
EMPTY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        LUNGS: ("area", "no lungs were found"),
        HEART: ("heart_share", "no heart was found"),
        WITH_HEART: ("area", "no lungs were found"),
    }
)
