"""Masks and probabilities -> numbers: tables of images, their summaries, and comparisons of two models.

What a bundle config names is looked up on first use.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
