"""DICOM files of computed and digital radiography -> `Radiograph`, through pydicom.

Processing follows PS3.4 annex N.2: stored bits, modality LUT, VOI, polarity, scaling to [0, 1]; one module
per step.
"""

from __future__ import annotations

from cxrtk.data.pixels.dicom.files import is_dicom
from cxrtk.data.pixels.dicom.reading import read_dicom, read_dicom_flags, read_dicom_header

__all__ = ["is_dicom", "read_dicom", "read_dicom_flags", "read_dicom_header"]
