"""Evaluation of masks and probabilities: per-image tables, summaries, and comparisons of two models.

Names used by bundle configs are imported on first use.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
