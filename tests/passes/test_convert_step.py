"""The step of `cxrtk convert`: its files read back, its table says where pixels come from."""

import csv
from pathlib import PurePath

import numpy as np
import pytest

from cxrtk import Job, Radiograph, pixels
from cxrtk.passes import ConvertStep

RAMP = np.linspace(0, 1, 30 * 40, dtype=np.float32).reshape(30, 40)
META = {"modality_lut": "none", "voi": "window 1 2 LINEAR", "polarity": "as stored", "flags": ["lossy"]}


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("form", ["png", "nii", "nii.gz"])
def test_a_file_reads_back(tmp_path, form, bits):
    """Values agree to half a grey level, and the row has each decision."""
    radiograph = Radiograph(RAMP, (0.5, 0.4), "detector", META)
    job = Job({"image": "a.dcm"}, "a.dcm", radiograph, tmp_path / "1.2.840.7")
    (outcome,) = ConvertStep(form, bits)([job])
    (path,) = outcome.files
    assert path.name == f"1.2.840.7.{form}"
    assert np.abs(pixels.read(path).pixels - RAMP).max() <= 0.5 / (2**bits - 1) + 1e-6
    row = outcome.row
    assert (row["width"], row["height"], row["bits"]) == (40, 30, bits)
    assert (row["spacing_row_mm"], row["spacing_source"], row["voi"]) == (0.5, "detector", META["voi"])


def test_the_last_number_of_a_uid_is_no_suffix():
    """The suffix of an image is one."""
    step = ConvertStep()
    assert step.stem_of(PurePath("x/1.2.840.7")) == PurePath("x/1.2.840.7")
    assert step.stem_of(PurePath("x/a.dcm")) == PurePath("x/a")


def test_the_table_has_what_was_left_out(tmp_path):
    """Each row gives the reason in words."""
    rows = [
        {"input": "a.dcm", "status": "ok", "code": "", "reason": "", "outputs": {"a.png": ""}, "width": 4},
        {"input": "ct.dcm", "status": "left_out", "code": "modality", "reason": "is a CT", "outputs": {}},
    ]
    (path,) = ConvertStep().finish(rows, tmp_path)
    with path.open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["image"], first["output"], first["width"], first["status"]) == ("a.dcm", "a.png", "4", "ok")
    assert (second["status"], second["code"], second["output"]) == ("left out", "modality", "")
