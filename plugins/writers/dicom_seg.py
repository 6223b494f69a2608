"""Writer of DICOM Segmentation (SEG) objects, which belong to the patient and study of the radiograph.

Encoding, by PS3.3 A.51 and C.8.20:

- **BINARY**, one segment per class, numbered from 1 in the model's order, with one frame per segment, even if
  the segment is empty: frame k is segment k. Segments may overlap, as a lung and the heart do in projection.
- **No plane and no frame of reference.** A CR or DX image has neither, and none is invented. Each frame
  references the source image with Spatial Locations Preserved = YES: pixel (r, c) is pixel (r, c) of the
  stored image, whatever its rotation or polarity. PatientOrientation is copied if the source has one.
- **No spacing**, which is optional beside a reference to the image. In a SEG it would be a distance in the
  patient, which the spacing of a radiograph seldom is; and GDCM, and with it ITK, rejects a SEG that has a
  spacing but no plane. Non-square pixels get their PixelAspectRatio.
- **Codes**: SNOMED CT, with a code that includes the side for each lung; a private one, of the coding scheme
  99CXRTK, for lungs that are drawn through the heart.
- **Algorithm**: AUTOMATIC, artificial intelligence; its name is that of the model, its version the SHA-256 of
  the weights.

For the attributes copied from the source, the UIDs and the date, see `cxrtk.derived`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import highdicom as hd
import numpy as np
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from cxrtk import Segmentation, Writer, derived, writers

COLOURS = {
    "right_lung": (30, 144, 255),
    "left_lung": (255, 165, 0),
    "lungs": (30, 144, 255),
    "heart": (220, 20, 60),
}
LABELS = {"39607008": "Both lungs"}  # code -> label
SERIES = 9001


@writers.register("dicom_seg")
class DicomSegWriter(Writer):
    """Writer of ``<stem>_seg.dcm``: right and left lung, or both in one, and the heart if there is one."""

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write one SEG file.

        Raises:
            CxrReadError: The source is not a DICOM file, or lacks the UIDs needed for a reference.
        """
        path = stem.with_name(f"{stem.name}_seg.dcm")
        return [derived.write(segmentation, path, partial(build, segmentation), kind="DICOM SEG")]


def build(segmentation: Segmentation, source: derived.Source) -> hd.seg.Segmentation:
    """Build the SEG, without its patient and its own UIDs."""
    seg = hd.seg.Segmentation(
        source_images=[source.image],
        pixel_array=np.moveaxis(segmentation.masks, 0, -1)[None],  # (1, H, W, C)
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[
            describe(number, name, segmentation) for number, name in enumerate(segmentation.classes, start=1)
        ],
        series_instance_uid="2.25.0",
        series_number=SERIES,
        sop_instance_uid="2.25.0",
        instance_number=1,
        manufacturer="cxrtk",
        manufacturer_model_name="cxrtk",
        software_versions=derived.text(segmentation.model["version"]),
        device_serial_number=derived.text(segmentation.model["sha256"]),
        transfer_syntax_uid=ExplicitVRLittleEndian,
        omit_empty_frames=False,
        content_label="LUNGS",
        content_description="Lungs found by a neural network",
        series_description="Lung segmentation",
        content_date=source.date,
        content_time=source.time,
    )
    seg.PatientOrientation = source.patient_orientation
    if "PixelAspectRatio" in source.image:
        seg.PixelAspectRatio = source.image.PixelAspectRatio
    return seg


def describe(number: int, name: str, segmentation: Segmentation) -> hd.seg.SegmentDescription:
    """Describe one segment."""
    code = derived.anatomy(name, segmentation)
    model = segmentation.model
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=LABELS.get(code.value, code.meaning),
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=code,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name=derived.text(model["name"]),
            family=codes.cid7162.ArtificialIntelligence,
            version=derived.text(model["sha256"]),
            source=derived.text(f"cxrtk {model['version']}"),
        ),
        display_color=hd.color.CIELabColor.from_rgb(*COLOURS[name]),
    )
