"""`cxrtk inspect`: what a file is and what was decided, by the tags that decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image

from cxrtk import pixels

SMALL = "veterinary_dx_thorax_monochrome1.dcm"
Command = Callable[..., Any]


@pytest.fixture
def dicom(cxrtk_data: Path, tmp_path: Path) -> Callable[..., Path]:
    """The smallest real file with other tags."""

    def dicom(**tags: Any) -> Path:
        data = pydicom.dcmread(cxrtk_data / "dicom" / SMALL)
        for keyword, value in tags.items():
            setattr(data, keyword, value)
        data.save_as(tmp_path / "a.dcm")
        return tmp_path / "a.dcm"

    return dicom


def test_each_decision_has_its_attribute(cxrtk_command: Command, cxrtk_data: Path) -> None:
    """The steps in their order, each with number and value of what decided, and what follows."""
    ended = cxrtk_command("inspect", cxrtk_data / "dicom" / SMALL, "--json")
    steps = {step["name"]: (step["found"], step["decision"]) for step in json.loads(ended.out)["steps"]}
    order = ["decoding", "stored bits", "modality LUT", "VOI", "polarity", "scale", "orientation", "spacing"]
    assert [name for name in steps if name in order] == order
    assert "(0028,0101) BitsStored = 8" in steps["stored bits"][0] and steps["stored bits"][1] == "0 to 255"
    assert steps["VOI"][1] == "window 128 256 LINEAR"
    assert "(0028,0004) PhotometricInterpretation = MONOCHROME1" in steps["polarity"][0]
    assert steps["polarity"][1] == "inverted"
    assert "(0018,1164) ImagerPixelSpacing = [1.2" in steps["spacing"][0]
    assert steps["spacing"][1].startswith("1.2 x 1.2012 mm (row, column), unspecified")


def test_the_text_says_the_same(cxrtk_command: Command, dicom: Callable[..., Path]) -> None:
    """One row a step, then flags with their reasons, then warnings."""
    ended = cxrtk_command("inspect", dicom(ViewPosition="LL", WindowWidth=0))
    assert ended.code == 0
    assert "polarity" in ended.out and "MONOCHROME1" in ended.out
    assert "lateral: (0018,5101) ViewPosition = LL" in ended.out
    assert "(0028,1051) WindowWidth = 0.0 is too small" in ended.out


def test_any_modality_is_read_and_said(cxrtk_command: Command, dicom: Callable[..., Path]) -> None:
    """A CT is looked at, with the word that elsewhere it is refused."""
    ended = cxrtk_command("inspect", dicom(Modality="CT"))
    assert ended.code == 0 and "Modality CT" in ended.out


def test_other_formats(cxrtk_command: Command, tmp_path: Path) -> None:
    """PNG and NIfTI by content; their steps say what the format declares."""
    grey = np.arange(64 * 48, dtype=np.uint16).reshape(64, 48)
    Image.fromarray(grey).save(tmp_path / "x.dcm", format="PNG")
    out = cxrtk_command("inspect", tmp_path / "x.dcm").out
    assert "format PNG, mode grey, bits 16" in out and "[0, 1] of 0 to 65535" in out


def test_the_picture_is_the_image_with_a_caption(
    cxrtk_command: Command, dicom: Callable[..., Path], tmp_path: Path
) -> None:
    """The image's pixels above, to a level of the shrinking; a caption with no name below."""
    source = dicom(PixelSpacing=[1, 1], ImagerPixelSpacing=[1, 1])
    assert cxrtk_command("inspect", source, "-o", tmp_path / "p.png").code == 0
    expected = pixels.read_dicom(source).pixels * 255
    with Image.open(tmp_path / "p.png") as image:
        found = np.asarray(image)
    left = (found.shape[1] - expected.shape[1]) // 2
    shown = found[: expected.shape[0], left : left + expected.shape[1]]
    assert np.abs(shown - expected).max() <= 0.5 + 1e-3
    assert found[expected.shape[0] :].max() > 128


def test_pixels_that_are_not_square_are_shown_in_shape(
    cxrtk_command: Command, dicom: Callable[..., Path], tmp_path: Path
) -> None:
    """Rows twice as far apart as columns make the picture of 169 x 211 twice as high for its width."""
    cxrtk_command("inspect", dicom(PixelSpacing=[2, 1]), "-o", tmp_path / "p.png")
    with Image.open(tmp_path / "p.png") as image:
        shown = np.asarray(image)
    assert shown.shape[0] > 2 * 169


def test_burned_in_text_must_be_accepted(
    cxrtk_command: Command, dicom: Callable[..., Path], tmp_path: Path
) -> None:
    """The text is printed, the picture is not written."""
    source = dicom(BurnedInAnnotation="YES")
    ended = cxrtk_command("inspect", source, "-o", tmp_path / "p.png")
    assert ended.code == 2 and "BurnedInAnnotation" in ended.err and not (tmp_path / "p.png").exists()
    assert cxrtk_command("inspect", source, "-o", tmp_path / "p.png", "--i-accept-burned-in").code == 0


@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_nothing_of_the_patient_is_printed(cxrtk_command: Command, dicom: Callable[..., Path]) -> None:
    """A name planted in attributes of any kind, shown ones too, is in neither text nor JSON."""
    keywords = ("PatientName", "PatientID", "AccessionNumber", "ViewPosition", "StudyDescription")
    source = dicom(**dict.fromkeys(keywords, "CANARY^QX"))
    for more in ([], ["--json"]):
        ended = cxrtk_command("inspect", source, *more)
        assert ended.code == 0 and "CANARY" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.dcm", "--reader", "png"], "is DICOM"),
        (["a.dcm", "--reader", "jpg"], "--reader must be one of"),
        (["a.dcm", "--voi", "best"], "--voi"),
        (["a.dcm", "-o", "p.jpg"], "must end in .png"),
        (["text", "--reader", "dicom"], "not a DICOM file"),
        (["text"], "not an image"),
        (["nowhere"], "does not exist"),
        (["."], "not a regular file"),
    ],
)
def test_mistakes_are_one_line(
    cxrtk_command: Command,
    dicom: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    """Exit 2 and one line on stderr."""
    monkeypatch.chdir(tmp_path)
    dicom()
    (tmp_path / "text").write_text("hello" * 100)
    ended = cxrtk_command("inspect", *arguments)
    assert ended.code == 2 and message in ended.err and ended.err.count("\n") == 1
