"""Pixel readers: one function per format, and `read`, which detects the format by content.

Names are imported on first use, so that pydicom and nibabel are not imported to read a PNG.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
