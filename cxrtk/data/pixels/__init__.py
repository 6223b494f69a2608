"""Pixel readers: one function per format, and `read`, which detects the format by content."""

from __future__ import annotations

from cxrtk.data.pixels.dicom import is_dicom, read_dicom, read_dicom_flags, read_dicom_header
from cxrtk.data.pixels.dispatch import read
from cxrtk.data.pixels.fit import check_fit
from cxrtk.data.pixels.flags import FLAGS
from cxrtk.data.pixels.gif import read_gif_mask
from cxrtk.data.pixels.label_files import CLASSES, LabelFiles, label_map
from cxrtk.data.pixels.listing import is_image_name, list_images, stem_of, walk_files
from cxrtk.data.pixels.masks import read_labels, read_mask
from cxrtk.data.pixels.nifti import read_nifti
from cxrtk.data.pixels.png import read_png
from cxrtk.data.pixels.polarity import looks_inverted
from cxrtk.data.pixels.raw import read_raw
from cxrtk.data.pixels.save import nifti_bytes
from cxrtk.data.rle import decode_rle

__all__ = [
    "CLASSES",
    "FLAGS",
    "LabelFiles",
    "check_fit",
    "decode_rle",
    "is_dicom",
    "is_image_name",
    "label_map",
    "list_images",
    "looks_inverted",
    "nifti_bytes",
    "read",
    "read_dicom",
    "read_dicom_flags",
    "read_dicom_header",
    "read_gif_mask",
    "read_labels",
    "read_mask",
    "read_nifti",
    "read_png",
    "read_raw",
    "stem_of",
    "walk_files",
]
