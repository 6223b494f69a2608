"""Trained models: shipped models, model files, training runs and ensembles."""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
