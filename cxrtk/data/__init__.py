"""From a file to a tensor: pixels, masks, transforms, splits, cache, phantom.

Looked up on first use, so that a reader of pixels does not import MONAI.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
