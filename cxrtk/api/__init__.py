"""The contracts: Radiograph, Label, Reader, MaskGenerator, Segmentation, Writer, Job, Outcome and Step."""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
