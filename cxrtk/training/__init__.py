"""Training components beyond MONAI and Ignite.

Names are imported on first use, so that a run's record can be read without torch.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
