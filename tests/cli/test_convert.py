"""`cxrtk convert`: the written files read back as the pixels of the DICOM file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image

from cxrtk import pixels

SMALL = "veterinary_dx_thorax_monochrome1.dcm"  # 8 bits, MONOCHROME1, spacing 1.2 x 1.2012 mm
Command = Callable[..., Any]


@pytest.fixture
def put(cxrtk_data: Path, tmp_path: Path) -> Callable[..., Path]:
    """The smallest real file below ``tmp_path / "in"``, with other tags."""

    def put(name: str, **tags: Any) -> Path:
        data = pydicom.dcmread(cxrtk_data / "dicom" / SMALL)
        for keyword, value in tags.items():
            setattr(data, keyword, value)
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data.save_as(path)
        return path

    return put


def table(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "converted.csv").open(newline="", encoding="utf-8") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("suffix", [".png", ".nii", ".nii.gz"])
@pytest.mark.parametrize("name", [SMALL, "rsna_cr_pa_monochrome2_jpeg.dcm"])
def test_the_output_reads_back_as_the_input(
    cxrtk_command: Command, cxrtk_data: Path, tmp_path: Path, name: str, suffix: str, bits: int
) -> None:
    """Every pixel in its place, to half a step of the output's bits; NIfTI keeps the spacing."""
    source, target = cxrtk_data / "dicom" / name, tmp_path / f"out{suffix}"
    assert cxrtk_command("convert", source, target, "--bits", bits).code == 0
    expected, found = pixels.read_dicom(source), pixels.read(target)
    assert np.abs(found.pixels - expected.pixels).max() <= 0.5 / (2**bits - 1) + 1e-6
    if suffix != ".png":
        assert found.spacing_mm == pytest.approx(expected.spacing_mm)


def test_png_levels_are_those_of_the_file(cxrtk_command: Command, cxrtk_data: Path, tmp_path: Path) -> None:
    """An 8-bit JPEG file without a window becomes an 8-bit PNG of the same numbers, by Pillow's own count."""
    source = cxrtk_data / "dicom" / "rsna_cr_pa_monochrome2_jpeg.dcm"
    cxrtk_command("convert", source, tmp_path / "out.png", "--bits", 8)
    with Image.open(tmp_path / "out.png") as image:
        assert np.array_equal(np.asarray(image), pydicom.dcmread(source).pixel_array)


def test_without_a_spacing_nifti_states_none(
    cxrtk_command: Command, put: Callable[..., Path], tmp_path: Path
) -> None:
    """No file becomes one of 1 mm."""
    source = put("a.dcm", PixelSpacing=[0, 0], ImagerPixelSpacing=[0, 0])
    cxrtk_command("convert", source, tmp_path / "out.nii.gz")
    assert pixels.read(tmp_path / "out.nii.gz").spacing_mm is None


def test_equal_images_are_equal_files(
    cxrtk_command: Command, put: Callable[..., Path], tmp_path: Path
) -> None:
    """No time or name of the run is written."""
    for name in ("a.nii.gz", "b.nii.gz"):
        cxrtk_command("convert", put("a.dcm"), tmp_path / name)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


def test_a_folder_is_mirrored(cxrtk_command: Command, put: Callable[..., Path], tmp_path: Path) -> None:
    """Equal names in two folders stay apart; equal stems keep their suffix; other files are passed over."""
    for name in ("p1/x.dcm", "p2/x.dcm", "p2/x", "ünï 图/1.2.840.7"):
        put(name)
    (tmp_path / "in" / "notes.txt").write_text("hello" * 100)
    out = tmp_path / "out"
    assert cxrtk_command("convert", tmp_path / "in", out, "--bits", 8).code == 0
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png")) == [
        "p1/x.png", "p2/x.dcm.png", "p2/x.png", "ünï 图/1.2.840.7.png"
    ]  # fmt: skip
    row = table(out)["p1/x.dcm"]
    assert (row["status"], row["output"], row["width"], row["bits"]) == ("ok", "p1/x.png", "211", "8")
    assert (row["polarity"], row["voi"]) == ("inverted", "window 128 256 LINEAR")
    assert (row["spacing_row_mm"], row["spacing_source"], row["flags"]) == (
        "1.2", "unspecified", "one_sided looks_inverted"
    )  # fmt: skip


def test_a_bad_file_costs_one_line(cxrtk_command: Command, put: Callable[..., Path], tmp_path: Path) -> None:
    """It has code and reason in the table, the others are written, nothing is left half-written, exit 3."""
    put("good.dcm")
    bad = put("sub/bad.dcm")
    bad.write_bytes(bad.read_bytes()[:-9000])
    put("ct.dcm", Modality="CT")
    out = tmp_path / "out"
    ended = cxrtk_command("convert", tmp_path / "in", out)
    assert ended.code == 3
    assert "3 files: 1 converted, 1 left out (modality 1), 1 failed;" in " ".join(ended.err.split())
    rows = table(out)
    assert (rows["sub/bad.dcm"]["status"], rows["sub/bad.dcm"]["code"]) == ("failed", "truncated")
    assert (rows["ct.dcm"]["status"], rows["ct.dcm"]["code"]) == ("left out", "modality")
    assert sorted(path.name for path in out.rglob("*")) == ["converted.csv", "good.png", "manifest.jsonl"]


def test_a_modality_can_be_asked_for(
    cxrtk_command: Command, put: Callable[..., Path], tmp_path: Path
) -> None:
    """`--modality any` takes a CT too."""
    put("ct.dcm", Modality="CT")
    assert cxrtk_command("convert", tmp_path / "in", tmp_path / "out", "--modality", "any").code == 0
    assert (tmp_path / "out" / "ct.png").is_file()


def test_burned_in_text_must_be_accepted(
    cxrtk_command: Command, put: Callable[..., Path], tmp_path: Path
) -> None:
    """A picture that may show a name is not written by accident."""
    source = put("a.dcm", BurnedInAnnotation="YES")
    ended = cxrtk_command("convert", source, tmp_path / "a.png")
    assert ended.code == 2 and "(0028,0301) BurnedInAnnotation = YES" in ended.err
    assert not (tmp_path / "a.png").exists()
    assert cxrtk_command("convert", source, tmp_path / "a.png", "--i-accept-burned-in").code == 0


def test_contrast_can_be_chosen(cxrtk_command: Command, put: Callable[..., Path], tmp_path: Path) -> None:
    """`--voi percentile` reaches the reader."""
    put("a.dcm")
    cxrtk_command("convert", tmp_path / "in", tmp_path / "out", "--voi", "percentile")
    assert table(tmp_path / "out")["a.dcm"]["voi"].startswith("percentile ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in/a.dcm", "in/a.dcm"], "is the input"),
        (["in/a.dcm", "link.png"], "is the input"),
        (["in/a.dcm", "in"], "is a folder"),
        (["in/a.dcm", "a.jpg"], ".nii.gz"),
        (["in", "in"], "inside the input"),
        (["in", "in/out"], "inside the input"),
        (["in/b", "in"], "is an input"),
        (["in", "out", "--format", "jpg"], "--format"),
        (["in", "out", "--bits", "12"], "--bits"),
        (["in", "out", "--voi", "best"], "--voi"),
        (["in", "out", "--refuse", "sideways"], "--refuse"),
        (["nowhere", "out.png"], "does not exist"),
    ],
)
def test_mistakes_are_one_line(
    cxrtk_command: Command,
    put: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    """Exit 2, one line, and every input as it was."""
    monkeypatch.chdir(tmp_path)
    inputs = [put("a.dcm"), put("b/b/x.png"), put("b/x.png")]
    (tmp_path / "link.png").symlink_to(inputs[0])
    before = [path.read_bytes() for path in inputs]
    ended = cxrtk_command("convert", *arguments)
    assert ended.code == 2 and message in ended.err and ended.err.count("\n") == 1
    assert [path.read_bytes() for path in inputs] == before
