"""Data loading: pixels, masks, transforms, splits, caches and the phantom.

Names are imported on first use, so that reading pixels does not import MONAI.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
