"""Masks of many images: each file's content, and what a failure leaves."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from PIL import Image

from cxrtk import CxrReadError, DataError, PluginBroken, Radiograph, Reader
from cxrtk.data import generate
from cxrtk.data.generate import Row
from cxrtk.data.outputs import Job

PIXELS = np.repeat(np.linspace(0, 1, 40, dtype=np.float32)[None], 30, axis=0)  # (30, 40), dark to bright


class Ramp(Reader):
    """One image of two: a ramp, or the error that its name says."""

    def items(self):
        return [{"image": "ramp.png", "patient": "a"}]

    def read(self, path):
        if "tag" in str(path):
            tag = "(0010,0010) PatientName = Doe^Jane"
            raise CxrReadError(path, "is empty", cure="copy it", tag=tag)
        if "bug" in str(path):
            raise KeyError("Doe^Jane")
        return Radiograph(PIXELS)


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def dark(image: torch.Tensor) -> torch.Tensor:
    """The darker half."""
    return (image < 0.5).float()


def test_files_and_row(tmp_path):
    """The mask has the image's size and 0 and 255; the row holds numbers that can be computed by hand."""
    row = generate.run(Job("ramp.png", "x/ramp.png", tmp_path / "x" / "ramp"), Ramp(), dark)
    mask = pixels_of(tmp_path / "x" / "ramp_mask.png")
    assert mask.shape == (30, 40) and mask.dtype == np.uint8
    assert (mask[:, :20] == 255).all() and (mask[:, 20:] == 0).all()
    with Image.open(tmp_path / "x" / "ramp_preview.jpg") as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (40, 30), "RGB")
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["ramp_mask.png", "ramp_preview.jpg"]
    assert (row.image, row.width, row.height, row.status, row.reason) == ("x/ramp.png", 40, 30, "ok", "")
    assert row.mean == pytest.approx(0.5, abs=1e-6) and row.median == pytest.approx(0.5, abs=1e-6)
    assert row.lung_fraction == 0.5


def test_the_generator_s_threshold_is_told(tmp_path):
    """A generator that says its threshold, in the meta of MONAI's tensor, has it in the row."""
    job = Job("ramp.png", "ramp.png", tmp_path / "ramp")
    assert generate.run(job, Ramp(), dark).threshold is None
    assert (
        generate.run(
            job, Ramp(), lambda x: MetaTensor(dark(x), meta={"statistics": {"threshold": 0.5}})
        ).threshold
        == 0.5
    )


def test_a_stem_keeps_its_dots(tmp_path):
    """`1.2.840_mask.png`, not `1.2_mask.png`."""
    generate.run(Job("ramp.png", "1.2.840", tmp_path / "1.2.840"), Ramp(), dark)
    assert (tmp_path / "1.2.840_mask.png").is_file()


def test_an_empty_mask_is_said_to_be_empty(tmp_path):
    """An empty mask is written and counted, not called ok."""
    row = generate.run(Job("ramp.png", "ramp.png", tmp_path / "ramp"), Ramp(), torch.zeros_like)
    assert (row.status, row.lung_fraction) == ("empty", 0.0)
    assert not pixels_of(tmp_path / "ramp_mask.png").any()


@pytest.mark.parametrize(
    ("image", "generator", "reason"),
    [
        ("tag.png", dark, "is empty [(0010,0010) PatientName]"),
        ("bug.png", dark, "unexpected KeyError; the log says more"),
        ("ramp.png", lambda image: image / 0, "must be as large, of zeros and ones"),
        ("ramp.png", lambda image: image[:, 1:], "(29, 40)"),
        ("ramp.png", lambda image: [][0], "unexpected IndexError; the log says more"),
    ],
    ids=["unreadable", "reader's bug", "not a mask", "wrong size", "generator's bug"],
)
def test_a_failure_is_a_row(tmp_path, image, generator, reason):
    """What fails leaves no file, and a reason that holds no value of a header."""
    row = generate.run(Job(image, image, tmp_path / "x" / "a"), Ramp(), generator)
    assert row.status == "failed" and reason in row.reason and "Doe" not in row.reason
    assert (row.width, row.mean, row.lung_fraction) == (None, None, None)
    assert not (tmp_path / "x").exists()


def test_a_full_disk_is_no_row(tmp_path):
    """An output that cannot be written stops the run; it is not one image's fault."""
    (tmp_path / "x").write_text("a file where a folder should be")
    with pytest.raises(OSError):
        generate.run(Job("ramp.png", "ramp.png", tmp_path / "x" / "ramp"), Ramp(), dark)


def test_the_generator_cannot_change_the_pixels():
    """A generator that writes into its input does not change what is measured."""
    pixels = PIXELS.copy()
    generate.make_mask(lambda image: image.lt_(0.5), pixels)
    assert np.array_equal(pixels, PIXELS)


def test_a_generator_s_fault_names_it():
    """The message says whose mask it was."""

    class Soft:
        def __call__(self, image):
            return image

    with pytest.raises(PluginBroken, match="Soft gave a mask of"):
        generate.make_mask(Soft(), PIXELS)


def test_previews_are_small(tmp_path):
    """A preview's longest side is at most 1024, the shape kept."""
    assert generate.preview(np.zeros((3000, 1500), np.float32), np.zeros((3000, 1500), np.uint8)).size == (
        512,
        1024,
    )


def test_a_constant_image_has_a_preview():
    """No contrast to stretch is no division by zero."""
    assert generate.preview(np.full((8, 8), 0.5, np.float32), np.zeros((8, 8), np.uint8)).size == (8, 8)


def test_table(tmp_path):
    """The table has the named columns, blanks where there is no number, and survives commas."""
    rows = [Row("a,b.png", 4, 3, 0.5, 0.25, None, 0.125), Row("c.png", status="failed", reason='no "image"')]
    generate.write_table(rows, tmp_path / "masks.csv")
    with (tmp_path / "masks.csv").open(newline="") as file:
        header, first, second = csv.reader(file)
    assert ",".join(header) == "image,width,height,mean,median,threshold,lung_fraction,status,reason"
    assert first == ["a,b.png", "4", "3", "0.5", "0.25", "", "0.125", "ok", ""]
    assert second == ["c.png", "", "", "", "", "", "", "failed", 'no "image"']


def test_plan_mirrors_folders(tmp_path):
    """Each image's outputs lie under the same sub-folder."""

    class Two(Ramp):
        def items(self):
            return [{"image": str(tmp_path / "in" / name)} for name in ("x/a.png", "y/a.png")]

    jobs = generate.plan(Two(), input_dir=tmp_path / "in", output_dir=tmp_path / "out")
    assert [job.stem for job in jobs] == [tmp_path / "out" / "x" / "a", tmp_path / "out" / "y" / "a"]
    assert [job.name for job in jobs] == ["x/a.png", "y/a.png"]


def test_plan_refuses_a_clash(tmp_path):
    """Two images with one output end the plan before anything is written."""

    class Clash(Ramp):
        def items(self):
            return [{"image": "/one/a.png"}, {"image": "/two/a.png"}]

    with pytest.raises(DataError, match="share one output"):
        generate.plan(Clash(), input_dir=tmp_path, output_dir=Path("/out"))
