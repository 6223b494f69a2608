"""Passes over many radiographs: reading ahead, a step, atomic outputs, a manifest and tables.

A verb for many radiographs is a step (`cxrtk.Step`) and a call of `run`. The pass alone handles the selection
and reading of files, the location of outputs, resumption and the exit code.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
