from .files import is_dicom as is_dicom
from .reading import read_dicom as read_dicom
from .reading import read_dicom_flags as read_dicom_flags
from .reading import read_dicom_header as read_dicom_header
