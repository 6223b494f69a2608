"""One pass over many radiographs: read ahead, do a step, write whole files, keep a manifest, make the tables.

A verb that takes many radiographs is a step (`cxrtk.Step`) and a call of `run`. The pass alone knows which
files there are, how they are read, where outputs go, what was done already, and how it ends.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
