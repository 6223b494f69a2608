"""Defined terms of the coded attributes that messages, `Radiograph.meta` and lists of items may show.

A Code String can hold any 16 capitals, and so a name. Therefore only values that the standard defines are
shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pydicom.uid import UID_dictionary

# PS3.3 section C.7.3.1.1.1, retired terms included.
_MODALITIES = """
ANN AR ASMT AU BDUS BI BMD CD CF CFM CP CR CS CT CTPROTOCOL DD DF DG DM DMS DOC DS DX EC ECG EEG EMG EOG EPS
ES FA FID FS GM HC HD IO IOL IVOCT IVUS KER KO LEN LP LS M3D MA MG MR MS NM OAM OCT OP OPM OPR OPT OPTBSV
OPTENF OPV OSS OT PLAN POS PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN
RTSTRUCT RWV SEG SM SMR SR SRF ST STAIN TEXTUREMAP TG US VA VF XA XAPROTOCOL XC
"""
# PS3.3 sections C.8.1.1.1, C.8.11.5.1.1 (CR and DX) and common names of lateral and oblique views.
_VIEWS = """
AP PA LL RL RLD LLD RLO LLO LAT LATERAL LLAT RLAT LAO RAO LPO RPO AXIAL OBLIQUE
ML MLO LM LMO CC FB SIO ISO XCC XCCL XCCM
"""
TERMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        keyword: frozenset(terms)
        for keyword, terms in {
            "Modality": _MODALITIES.split(),
            "ViewPosition": _VIEWS.split(),
            "PresentationIntentType": ("FOR PRESENTATION", "FOR PROCESSING"),
            "Laterality": ("L", "R"),
            "ImageLaterality": ("L", "R", "B", "U"),
            # PS3.3 section C.7.6.3.1.2, retired terms included.
            "PhotometricInterpretation": (
                "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "HSV", "ARGB", "CMYK", "YBR_FULL",
                "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT", "XYB",
            ),
            "PresentationLUTShape": ("IDENTITY", "INVERSE", "LIN OD"),
            "LossyImageCompression": ("00", "01"),
            "BurnedInAnnotation": ("YES", "NO"),
            "VOILUTFunction": ("LINEAR", "LINEAR_EXACT", "SIGMOID"),
            "PixelSpacingCalibrationType": ("GEOMETRY", "FIDUCIAL"),
            "PatientSex": ("M", "F", "O"),
            # PS3.16 CID 4010, lateral views by SNOMED CT and by the older SNOMED RT.
            "ViewCodeSequence": (
                "399067008", "399173006", "399198007", "R-102CD", "R-10236", "R-10232",
            ),
        }.items()
    }
)  # fmt: skip
_UIDS = ("SOPClassUID", "TransferSyntaxUID")
# PS3.3 section C.7.6.1.1.1: up to three letters, one of each pair.
_DIRECTION = re.compile(r"(?!.*[LR].*[LR])(?!.*[AP].*[AP])(?!.*[HF].*[HF])[LRAPHF]{1,3}")


def is_term(keyword: str, text: str) -> bool:
    """Return whether `text` is one of the defined terms of an attribute; UIDs are those of PS3.6.

    >>> is_term("Modality", "DX"), is_term("Modality", "DOE JOHN"), is_term("PatientOrientation", "AF")
    (True, False, True)
    """
    if keyword in _UIDS:
        return text in UID_dictionary
    if keyword == "PatientOrientation":
        return bool(_DIRECTION.fullmatch(text))
    return text in TERMS.get(keyword, ())
