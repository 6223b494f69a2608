"""One or 100,000 files -> masks at original size, measures, quality flags, a manifest.

What a bundle config names is looked up on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrtk.lazy import lookup

if TYPE_CHECKING:
    from cxrtk.inference.boxed import Boxed as Boxed
    from cxrtk.inference.boxed import read_boxes as read_boxes
    from cxrtk.inference.classifier import Classifier as Classifier
    from cxrtk.inference.explain_step import ExplainStep as ExplainStep
    from cxrtk.inference.explaining import Preparer as Preparer
    from cxrtk.inference.explaining import explainer_of as explainer_of
    from cxrtk.inference.find import find_model as find_model
    from cxrtk.inference.findings import FindingsStep as FindingsStep
    from cxrtk.inference.lung_input import LungInputd as LungInputd
    from cxrtk.inference.runner import Runner as Runner
    from cxrtk.inference.segment_step import SegmentStep as SegmentStep
    from cxrtk.inference.segmenter import Segmenter as Segmenter
    from cxrtk.inference.trained import splits_beside as splits_beside
    from cxrtk.inference.writing import ENDINGS as ENDINGS
    from cxrtk.inference.writing import FORMATS as FORMATS
    from cxrtk.inference.writing import SegmentationWriter as SegmentationWriter

_HOME_OF = {
    "Boxed": "boxed",
    "Classifier": "classifier",
    "ENDINGS": "writing",
    "ExplainStep": "explain_step",
    "FORMATS": "writing",
    "FindingsStep": "findings",
    "LungInputd": "lung_input",
    "Preparer": "explaining",
    "Runner": "runner",
    "SegmentStep": "segment_step",
    "SegmentationWriter": "writing",
    "Segmenter": "segmenter",
    "explainer_of": "explaining",
    "find_model": "find",
    "read_boxes": "boxed",
    "splits_beside": "trained",
}

__all__ = sorted(_HOME_OF)
__getattr__ = lookup(__name__, _HOME_OF)
