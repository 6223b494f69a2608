"""Masks as editors, viewers and challenges leave them: polygons, run lengths, DICOM segmentations."""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
