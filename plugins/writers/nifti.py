"""Writer of class masks as NIfTI, with the spacing if it is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxrtk import Segmentation, Writer, pixels, writers


@writers.register("nifti")
class NiftiWriter(Writer):
    """Writer of ``<stem>.nii.gz``, uint8: 1 right lung, 2 left lung, 3 heart; or 1 for both lungs in one.

    x points to the patient's left and y to the feet, as displayed, in mm if the radiograph has a spacing;
    otherwise no orientation is stated, and the affine is the identity. The third axis has length 1 and no
    meaning.
    """

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write one NIfTI file."""
        if "right_lung" in segmentation.classes:
            levels = pixels.label_map(segmentation.masks, segmentation.classes)
        else:
            levels = segmentation.lungs().astype(np.uint8)
        path = stem.with_name(f"{stem.name}.nii.gz")
        path.write_bytes(pixels.nifti_bytes(levels, segmentation.radiograph.spacing_mm, compressed=True))
        return [path]
