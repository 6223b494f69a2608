"""One or 100,000 files -> masks at original size, measures, quality flags, a manifest.

What a bundle config names is looked up on first use.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
