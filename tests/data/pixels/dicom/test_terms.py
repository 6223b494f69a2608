"""Free text in a coded attribute never leaves: one name in each, and all that a user may see is searched."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_VR
from pydicom.multival import MultiValue

from cxrtk import CxrReadError, DataError, readers
from cxrtk.data.pixels.dicom import read_dicom
from cxrtk.data.pixels.dicom.flags import VIEWS
from cxrtk.data.pixels.dicom.luts import FUNCTIONS
from cxrtk.data.pixels.dicom.reading import PROVENANCE
from cxrtk.data.pixels.dicom.spacing import CALIBRATIONS
from cxrtk.data.pixels.dicom.terms import TERMS, is_term
from cxrtk.data.pixels.steps import steps

Write = Callable[..., Path]
CODED = sorted({keyword for keyword in (*PROVENANCE, *TERMS) if dictionary_VR(keyword) == "CS"})


@pytest.mark.parametrize("canary", ["TEST CANARY", "CANARY", "test canary", "Canary^Test", "CANARY\\TEST"])
@pytest.mark.parametrize("keyword", CODED)
def test_a_name_in_a_coded_attribute_is_held_back(
    write: Write, caplog: pytest.LogCaptureFixture, keyword: str, canary: str
) -> None:
    """In `meta`, the steps of `cxrtk inspect`, errors, the log, and the items of the reader."""
    path = write(**{keyword: canary.split("\\") if "\\" in canary else canary})
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    said = []
    for modalities in (None, ("DX",)):
        try:
            radiograph = read_dicom(path, modalities=modalities)
            said += [repr(dict(radiograph.meta)), repr(steps(radiograph))]
        except CxrReadError as error:
            said.append(f"{error} {error.tag}")
        try:
            said.append(json.dumps(readers.create("dicom", root=path, modalities=modalities).items()))
        except DataError as error:
            said.append(str(error))
    assert len(said) >= 4
    assert "CANARY" not in " ".join([*said, caplog.text]).upper()


@pytest.mark.parametrize("keyword", ["SOPClassUID", "TransferSyntaxUID"])
def test_digits_that_are_no_registered_uid(keyword: str) -> None:
    """A number of a patient may be written as a UID."""
    assert is_term(keyword, "1.2.840.10008.1.2") and not is_term(keyword, "1.2.19700101")


def test_terms_that_the_readers_act_on_are_shown() -> None:
    """No flag, window or calibration is decided by a value that is then held back."""
    assert {name for names in VIEWS.values() for name in names} <= TERMS["ViewPosition"]
    assert TERMS["VOILUTFunction"] == set(FUNCTIONS)
    assert TERMS["PixelSpacingCalibrationType"] == set(CALIBRATIONS)


@pytest.mark.parametrize("text", ["L", "R", "A", "P", "H", "F", "LF", "AFR", "PH"])
def test_directions(text: str) -> None:
    """One letter of each axis, in any order."""
    assert is_term("PatientOrientation", text)


@pytest.mark.parametrize("text", ["", "LR", "LAL", "HALF", "X", "l"])
def test_no_directions(text: str) -> None:
    """Both ends of an axis, four letters, and others."""
    assert not is_term("PatientOrientation", text)


def test_several_values_are_shown_wholly_or_not_at_all() -> None:
    """A name may be the second of them."""
    from cxrtk.data.pixels.dicom.values import allowed

    assert allowed("PatientOrientation", MultiValue(str, ["L", "DOE"])) is None
