"""DICOM files of computed and digital radiography -> `Radiograph`, through pydicom.

Processing follows PS3.4 annex N.2: stored bits, modality LUT, VOI, polarity, scaling to [0, 1]; one module
per step.
"""

from cxrtk.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
