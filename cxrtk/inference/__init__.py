"""One or 100,000 files -> masks at original size, measures, quality flags, a manifest.

What a bundle config names is looked up on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrtk.lazy import lookup

if TYPE_CHECKING:
    from cxrtk.inference.find import find_model as find_model
    from cxrtk.inference.lung_input import LungInputd as LungInputd
    from cxrtk.inference.runner import Runner as Runner
    from cxrtk.inference.segment_step import SegmentStep as SegmentStep
    from cxrtk.inference.segmenter import Segmenter as Segmenter
    from cxrtk.inference.writing import ENDINGS as ENDINGS
    from cxrtk.inference.writing import FORMATS as FORMATS
    from cxrtk.inference.writing import SegmentationWriter as SegmentationWriter

_HOME_OF = {
    "ENDINGS": "writing",
    "FORMATS": "writing",
    "LungInputd": "lung_input",
    "Runner": "runner",
    "SegmentStep": "segment_step",
    "SegmentationWriter": "writing",
    "Segmenter": "segmenter",
    "find_model": "find",
}

__all__ = sorted(_HOME_OF)
__getattr__ = lookup(__name__, _HOME_OF)
