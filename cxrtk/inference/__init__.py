"""Inference on one file or 100,000: masks at the original size, measures, quality flags and a manifest.

The names that a bundle config uses are imported on first access.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
