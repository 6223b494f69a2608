"""The step of `cxrtk masks`: each file's content, each row's numbers, and what a failure leaves."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from PIL import Image

from cxrtk import Job, Radiograph
from cxrtk.passes import MaskStep

PIXELS = np.repeat(np.linspace(0, 1, 40, dtype=np.float32)[None], 30, axis=0)  # (30, 40), dark to bright
FLAGS = ["tiny", "lossy"]
HEADER = "image,width,height,mean,median,threshold,lung_fraction,flags,status,reason"


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def dark(image: torch.Tensor) -> torch.Tensor:
    """The darker half."""
    return (image < 0.5).float()


def made(folder: Path, generator=dark, stem: str = "ramp"):
    (outcome,) = MaskStep(generator, {"name": "dark"})(
        [Job({"image": "x/ramp.png"}, "x/ramp.png", Radiograph(PIXELS), folder / stem)]
    )
    return outcome


def test_files_and_row(tmp_path):
    """The mask has the image's size and 0 and 255; the row holds numbers that can be computed by hand."""
    outcome = made(tmp_path)
    mask = pixels_of(tmp_path / "ramp_mask.png")
    assert mask.shape == (30, 40) and mask.dtype == np.uint8
    assert (mask[:, :20] == 255).all() and (mask[:, 20:] == 0).all()
    with Image.open(tmp_path / "ramp_preview.jpg") as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (40, 30), "RGB")
    assert sorted(outcome.files) == sorted(tmp_path.iterdir()) and len(outcome.files) == 2
    row = outcome.row
    assert (outcome.status, row["width"], row["height"], row["lung_fraction"]) == ("ok", 40, 30, 0.5)
    assert row["mean"] == pytest.approx(0.5, abs=1e-6) and row["median"] == pytest.approx(0.5, abs=1e-6)
    assert row["threshold"] is None


def test_the_generator_s_threshold_is_told(tmp_path):
    """A generator that says its threshold, in the meta of MONAI's tensor, has it in the row."""
    outcome = made(tmp_path, lambda x: MetaTensor(dark(x), meta={"statistics": {"threshold": 0.5}}))
    assert outcome.row["threshold"] == 0.5


def test_a_stem_keeps_its_dots(tmp_path):
    """`1.2.840_mask.png`, not `1.2_mask.png`."""
    made(tmp_path, stem="1.2.840")
    assert (tmp_path / "1.2.840_mask.png").is_file()


@pytest.mark.parametrize(
    ("generator", "reason"),
    [
        (lambda image: image / 0, "must be as large, of zeros and ones"),
        (lambda image: image[:, 1:], "(29, 40)"),
        (lambda image: [][0], "unexpected IndexError; the log says more"),
    ],
    ids=["not a mask", "wrong size", "generator's bug"],
)
def test_a_failure_is_an_outcome(tmp_path, generator, reason):
    """A failed image leaves no file, and its outcome gives the reason."""
    outcome = made(tmp_path, generator)
    assert (outcome.status, outcome.code) == ("failed", "generator") and reason in outcome.reason
    assert not outcome.row and not outcome.files and not list(tmp_path.iterdir())


def test_the_table(tmp_path):
    """The named columns, blanks where there is no number, commas; an empty mask is not called ok."""
    numbers = {"width": 4, "height": 3, "mean": 0.5, "median": 0.25, "threshold": None}
    rows = [
        {
            "input": "a,b.png",
            "status": "ok",
            "reason": "",
            **numbers,
            "lung_fraction": 0.125,
            "flags": ["tiny", "lossy"],
        },
        {"input": "e.png", "status": "ok", "reason": "", **numbers, "lung_fraction": 0.0},
        {"input": "c.png", "status": "failed", "reason": 'no "image"'},
        {"input": "README", "status": "left_out", "reason": "is text"},
    ]
    (path,) = MaskStep(dark, {}).finish(rows, tmp_path)
    with path.open(newline="") as file:
        header, *lines = csv.reader(file)
    assert ",".join(header) == HEADER
    assert lines == [
        ["a,b.png", "4", "3", "0.5", "0.25", "", "0.125", "tiny lossy", "ok", ""],
        ["e.png", "4", "3", "0.5", "0.25", "", "0.0", "", "empty", ""],
        ["c.png", "", "", "", "", "", "", "", "failed", 'no "image"'],
    ]
