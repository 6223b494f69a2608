"""Writer of measures as a DICOM Structured Report (SR), template TID 1500, "Imaging Measurement Report".

Encoding:

- **One measurement group (TID 1501) per structure**, with its area, and one for the chest, with the ratios
  and the quality flag. Each references the radiograph; none contains coordinates.
- **Areas** are in mm² if the radiograph has a usable spacing, with a measurement method that states its
  origin: a distance at the detector is not a distance in the patient. Otherwise they are in pixels. Unknown
  and withheld measures are left out; the quality flag of the heart says why.
- **Codes**: SNOMED CT and UCUM. Concepts without a code known to be right get a private one, of the coding
  scheme 99CXRTK.
- **Status**: complete, unverified and preliminary, since no person has reviewed it.

For the attributes copied from the source, the UIDs and the date, see `cxrtk.derived`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import highdicom as hd
from pydicom.sr.codedict import Code, codes

from cxrtk import Segmentation, Writer, derived, writers

SCHEME = derived.SCHEME
SERIES = 9002
PIXELS = Code("{pixels}", "UCUM", "pixels")
RATIOS = {
    "cardiothoracic_ratio": Code("ctr", SCHEME, "Cardiothoracic ratio"),
    "right_to_left_lung_area": Code("right_to_left", SCHEME, "Area of right lung to left lung"),
    "lung_fraction_of_image": Code("lung_fraction", SCHEME, "Area of lungs to image"),
}
# Keys are values of `cxrtk.Radiograph.spacing_source`.
SPACINGS = {
    "calibrated": Code("mm_calibrated", SCHEME, "Spacing calibrated to the patient"),
    "detector": Code("mm_detector", SCHEME, "Spacing at the detector"),
    "magnified": Code("mm_magnified", SCHEME, "Spacing by estimated magnification"),
    "unspecified": Code("mm_unspecified", SCHEME, "Spacing of unspecified plane"),
    "table": Code("mm_table", SCHEME, "Spacing from a table"),
}
COMPARABLE = Code("ctr_comparability", SCHEME, "Comparability of cardiothoracic ratio")
NOT_WITH_PA = Code("ctr_not_with_pa", SCHEME, "View not PA or not stated: heart may be magnified")
INTERVAL = (
    Code("ctr_low", SCHEME, "Cardiothoracic ratio, lower end of 90 % interval"),
    Code("ctr_high", SCHEME, "Cardiothoracic ratio, upper end of 90 % interval"),
)
QUALITY = Code("quality", SCHEME, "Quality of segmentation")
ORGANS = {
    "lungs": Code("quality_lungs", SCHEME, "Quality of masks of lungs"),
    "heart": Code("quality_heart", SCHEME, "Quality of mask of heart"),
}
SCORE = Code("quality_score", SCHEME, "Quality score")
FLAGS = {
    "ok": Code("quality_ok", SCHEME, "OK"),
    "review": Code("quality_review", SCHEME, "To be reviewed"),
    "failed": Code("quality_failed", SCHEME, "Failed"),
}


@writers.register("dicom_sr")
class DicomSrWriter(Writer):
    """Writer of ``<stem>_sr.dcm``: areas, ratios and the quality flag."""

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write one SR file.

        Raises:
            CxrReadError: The source is not a DICOM file, or lacks the UIDs needed for a reference.
        """
        path = stem.with_name(f"{stem.name}_sr.dcm")
        return [derived.write(segmentation, path, partial(build, segmentation), kind="DICOM SR")]


def build(segmentation: Segmentation, source: derived.Source) -> hd.sr.EnhancedSR:
    """Build the report, without its patient and its own UIDs."""
    areas = segmentation.measures.get("area_px") or {}
    groups = [
        structure(name, segmentation, source) for name in segmentation.classes if areas.get(name) is not None
    ]
    report = hd.sr.MeasurementReport(
        observation_context=observer(segmentation.model),
        procedure_reported=codes.SCT.ChestImaging,
        imaging_measurements=[*groups, *chest(segmentation, source)],
        title=codes.DCM.ImagingMeasurementReport,
        language_of_content_item_and_descendants=hd.sr.LanguageOfContentItemAndDescendants(
            hd.sr.CodedConcept("en", "RFC5646", "English")
        ),
    )
    return hd.sr.EnhancedSR(
        evidence=[source.image],
        content=report[0],
        series_instance_uid="2.25.0",
        series_number=SERIES,
        sop_instance_uid="2.25.0",
        instance_number=1,
        manufacturer="cxrtk",
        manufacturer_model_name="cxrtk",
        software_versions=derived.text(segmentation.model["version"]),
        device_serial_number=derived.text(segmentation.model["sha256"]),
        is_complete=True,
        series_description="Lung measures",
        content_date=source.date,
        content_time=source.time,
        coding_schemes=[
            hd.coding_schemes.CodingSchemeIdentificationItem(
                designator=SCHEME, name="cxrtk measures", responsible_organization="cxrtk"
            )
        ],
    )


def structure(
    name: str, segmentation: Segmentation, source: derived.Source
) -> hd.sr.MeasurementsAndQualitativeEvaluations:
    """Return the measurement group of one structure, with its area."""
    measures = segmentation.measures
    mm2 = (measures.get("area_mm2") or {}).get(name)
    area = measures["area_px"][name] if mm2 is None else mm2
    spacing = None if mm2 is None else measures["spacing_source"]
    code = derived.anatomy(name, segmentation)
    return hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking(name, segmentation, source),
        finding_category=codes.SCT.AnatomicalStructure,
        finding_type=code,
        algorithm_id=algorithm(segmentation.model),
        finding_sites=[hd.sr.FindingSite(code)],
        measurements=[
            hd.sr.Measurement(
                name=codes.SCT.Area,
                value=area,
                unit=PIXELS if mm2 is None else codes.UCUM.SquareMillimeter,
                method=None if spacing is None else SPACINGS[spacing],
            )
        ],
        source_images=[hd.sr.SourceImageForMeasurementGroup.from_source_image(source.image)],
    )


def chest(
    segmentation: Segmentation, source: derived.Source
) -> list[hd.sr.MeasurementsAndQualitativeEvaluations]:
    """Return the measurement group of the chest with ratios and quality flag; empty if none is known."""
    numbers = [
        hd.sr.Measurement(name=code, value=value, unit=codes.UCUM.Ratio)
        for name, code in RATIOS.items()
        if (value := segmentation.measures.get(name)) is not None
    ]
    flags = []
    measures = segmentation.measures
    ends = measures.get("cardiothoracic_interval") or ()
    numbers += [
        hd.sr.Measurement(name=code, value=end, unit=codes.UCUM.Ratio)
        for code, end in zip(INTERVAL, ends, strict=False)
    ]
    if measures.get("cardiothoracic_note") and measures.get("cardiothoracic_ratio") is not None:
        flags.append(hd.sr.QualitativeEvaluation(COMPARABLE, NOT_WITH_PA))
    if segmentation.quality:
        score = segmentation.quality["score"]
        numbers.append(hd.sr.Measurement(name=SCORE, value=score, unit=codes.UCUM.NoUnits))
        flags.append(hd.sr.QualitativeEvaluation(QUALITY, FLAGS[segmentation.quality["flag"]]))
        organs = segmentation.quality.get("organs", {})
        flags += [hd.sr.QualitativeEvaluation(ORGANS[name], FLAGS[flag]) for name, flag in organs.items()]
    if not numbers:
        return []
    return [
        hd.sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking("chest", segmentation, source),
            finding_type=codes.SCT.Chest,
            algorithm_id=algorithm(segmentation.model),
            finding_sites=[hd.sr.FindingSite(codes.SCT.Chest)],
            measurements=numbers,
            qualitative_evaluations=flags or None,
            source_images=[hd.sr.SourceImageForMeasurementGroup.from_source_image(source.image)],
        )
    ]


def tracking(name: str, segmentation: Segmentation, source: derived.Source) -> hd.sr.TrackingIdentifier:
    """Return the tracking identifier of a radiograph's structure, independent of the model version."""
    uid = derived.uid("cxrtk", name, segmentation.model["name"], source.image.SOPInstanceUID)
    return hd.sr.TrackingIdentifier(uid=uid, identifier=name)


def algorithm(model: Mapping[str, str]) -> hd.sr.AlgorithmIdentification:
    """Return the identification of the model, by its name and the hash of its weights."""
    return hd.sr.AlgorithmIdentification(
        name=derived.text(model["name"]),
        version=derived.text(model["sha256"]),
        family=codes.cid7162.ArtificialIntelligence,
    )


def observer(model: Mapping[str, str]) -> hd.sr.ObservationContext:
    """Return the observer context: this software, as a device."""
    return hd.sr.ObservationContext(
        observer_device_context=hd.sr.ObserverContext(
            observer_type=codes.DCM.Device,
            observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
                uid=derived.uid("cxrtk", model["version"], model["sha256"]),
                name=f"cxrtk {derived.text(model['version'])}",
                manufacturer_name="cxrtk",
                model_name=derived.text(model["name"]),
                serial_number=derived.text(model["sha256"]),
            ),
        )
    )
