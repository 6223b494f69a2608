"""DICOM files of computed and digital radiography -> `Radiograph`, by one path on pydicom.

The order is PS3.4 annex N.2: stored bits, modality LUT, VOI, polarity, scale to [0, 1]; each in its own file.
"""

from __future__ import annotations

from cxrtk.data.pixels.dicom.files import is_dicom
from cxrtk.data.pixels.dicom.reading import read_dicom, read_dicom_flags, read_dicom_header

__all__ = ["is_dicom", "read_dicom", "read_dicom_flags", "read_dicom_header"]
