"""A model and a radiograph -> masks at original size, measures, the flag, and their files."""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
