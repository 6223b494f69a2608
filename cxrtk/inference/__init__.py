"""One or 100,000 files -> masks at original size, measures, quality flags, a manifest.

What a bundle config names is looked up on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrtk.lazy import lookup

if TYPE_CHECKING:
    from cxrtk.inference.find import find_model as find_model
    from cxrtk.inference.lung_input import LungInputd as LungInputd
    from cxrtk.inference.reading import read_ahead as read_ahead
    from cxrtk.inference.runner import Runner as Runner
    from cxrtk.inference.segmenter import Segmenter as Segmenter

_HOME_OF = {
    "LungInputd": "lung_input",
    "Runner": "runner",
    "Segmenter": "segmenter",
    "find_model": "find",
    "read_ahead": "reading",
}

__all__ = sorted(_HOME_OF)
__getattr__ = lookup(__name__, _HOME_OF)
