"""A model file, a training run or an ensemble -> a network with its description; the models that ship."""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
