"""Segmentation of radiographs: masks at the original size, measures, the quality flag, and their files."""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
