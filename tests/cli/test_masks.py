"""`cxrtk masks`: a folder in, masks, previews and a table out."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DARK = """
from cxrtk import masks

@masks.register("dark")
class Dark:
    '''Dark pixels.'''
    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold = threshold
    def __call__(self, image):
        return (image < self.threshold).float()
"""


def table(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "masks.csv").open(newline="") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.fixture
def dark(plugin_folder):
    """A mask generator called dark."""
    plugin_folder.write("masks", "dark", DARK)


@pytest.fixture
def images(tmp_path):
    """A folder of two images in the image_mask_folder layout: 0, 60, 120, 180 in columns."""
    folder = tmp_path / "in"
    for sub in ("images", "masks"):
        (folder / sub).mkdir(parents=True)
    columns = np.repeat(np.array([0, 60, 120, 180], np.uint8).repeat(5)[None], 16, axis=0)  # (16, 20)
    for name in ("a", "b"):
        Image.fromarray(columns).save(folder / "images" / f"{name}.png")
        Image.fromarray(columns // 180 * 255).save(folder / "masks" / f"{name}.png")
    return folder


def arguments(images: Path, out: Path, *more: str) -> list[object]:
    reader = ["--reader", "image_mask_folder", "--dataset_dir", images]
    return ["masks", *reader, "--generator", "dark", "-o", out, *more]


def test_writes_masks_previews_and_table(cxrtk_command, dark, images, tmp_path):
    """Names mirror the input, numbers are those of the pixels, and stderr counts."""
    out = tmp_path / "out"
    ended = cxrtk_command(*arguments(images, out))
    assert (ended.code, ended.out) == (0, "")
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.*")) == [
        "images/a_mask.png", "images/a_preview.jpg", "images/b_mask.png", "images/b_preview.jpg",
        "manifest.jsonl", "masks.csv",
    ]  # fmt: skip
    row = table(out)["images/a.png"]
    assert (row["width"], row["height"], row["status"], row["reason"]) == ("20", "16", "ok", "")
    assert float(row["mean"]) == pytest.approx(90 / 255, abs=1e-6)
    assert float(row["median"]) == pytest.approx(90 / 255, abs=1e-6)
    assert float(row["lung_fraction"]) == 0.75  # 0, 60 and 120 of 255 lie below one half
    assert "2 images: 2 masks, 0 empty masks, 0 failed" in " ".join(ended.err.split())


def test_plugins_take_settings(cxrtk_command, dark, images, tmp_path):
    """`--set generator#threshold` reaches the generator."""
    out = tmp_path / "out"
    cxrtk_command(*arguments(images, out, "--set", "generator#threshold=0.1"))
    assert float(table(out)["images/a.png"]["lung_fraction"]) == 0.25


def test_one_bad_file_does_not_stop_the_rest(cxrtk_command, dark, images, tmp_path):
    """A damaged image has its reason in the table; the others have their masks; the exit code is 3."""
    image = images / "images" / "a.png"
    image.write_bytes(image.read_bytes()[:60])
    out = tmp_path / "out"
    ended = cxrtk_command(*arguments(images, out))
    assert ended.code == 3
    rows = table(out)
    assert rows["images/a.png"]["status"] == "failed" and rows["images/a.png"]["reason"]
    assert rows["images/b.png"]["status"] == "ok"
    assert [path.name for path in out.rglob("*_mask.png")] == ["b_mask.png"]
    assert "2 images: 1 mask, 0 empty masks, 1 failed" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--reader", "image_mask_foldr"], "Did you mean 'image_mask_folder'?"),
        (["--generator", "drak"], "Did you mean 'dark'?"),
        (["--set", "reader#no_such=1"], "no_such"),
        (["--set", "generator#no_such=1"], "no_such"),
        (["--set", "threshold=1"], "reader# or generator#"),
        (["--dataset_dir", "not_there"], "not_there"),
    ],
)
def test_mistakes_are_one_line(cxrtk_command, changed, dark, images, tmp_path, monkeypatch, change, message):
    """What the user mistyped ends with code 2 and one line that says so, before anything is written."""
    monkeypatch.chdir(tmp_path)
    ended = cxrtk_command(*changed(arguments(images, tmp_path / "out"), change))
    assert ended.code == 2
    assert ended.err.startswith("cxrtk: error: ") and ended.err.count("\n") == 1
    assert message in ended.err
    assert not (tmp_path / "out").exists()


def test_output_among_the_inputs_is_refused(cxrtk_command, dark, images):
    """Masks written there would be images of the next run."""
    ended = cxrtk_command(*arguments(images, images / "images" / "out"))
    assert ended.code == 2 and "inside the input" in ended.err
    assert not (images / "images" / "out").exists()


def test_nih_images(cxrtk_command, dark, cxrtk_data, tmp_path):
    """The four real NIH images get a mask each, of their own size."""
    out = tmp_path / "out"
    ended = cxrtk_command(
        "masks", "--reader", "nih_png", "--dataset_dir", cxrtk_data / "nih", "--generator", "dark", "-o", out
    )
    assert ended.code == 0, ended.err
    masks = {path.stem.removesuffix("_mask"): size(path) for path in out.rglob("*_mask.png")}
    assert masks == {path.stem: size(path) for path in (cxrtk_data / "nih" / "images").glob("*.png")}
    assert len(masks) == 4


def test_dicom_files(cxrtk_command, dark, cxrtk_data, tmp_path):
    """Real DICOM files, one of them cut off, end as masks, and one reason without any header's value."""
    folder = tmp_path / "dicom"
    folder.mkdir()
    for name in ("rsna_cr_pa_monochrome2_jpeg.dcm", "veterinary_dx_thorax_monochrome1.dcm"):
        shutil.copy(cxrtk_data / "dicom" / name, folder)
    whole = (folder / "veterinary_dx_thorax_monochrome1.dcm").read_bytes()
    (folder / "cut.dcm").write_bytes(whole[: len(whole) - 9000])
    out = tmp_path / "out"
    ended = cxrtk_command(
        "masks", "--reader", "dicom", "--dataset_dir", folder, "--generator", "dark", "-o", out
    )
    rows = table(out)
    assert ended.code == 3
    assert {name: row["status"] for name, row in rows.items()} == {
        "cut.dcm": "failed",
        "rsna_cr_pa_monochrome2_jpeg.dcm": "ok",
        "veterinary_dx_thorax_monochrome1.dcm": "ok",
    }
    assert size(out / "rsna_cr_pa_monochrome2_jpeg_mask.png") == (1024, 1024)


def test_a_full_disk_stops_it_with_what_was_done(cxrtk_command, dark, images, tmp_path, monkeypatch):
    """No space for the second mask: exit code 2, one line; the first mask and its line stay, no half file."""
    import errno
    import os

    replace = Path.replace

    def full(path, target):
        if target.name == "b_mask.png":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    out = tmp_path / "out"
    ended = cxrtk_command(*arguments(images, out))
    assert ended.code == 2
    assert f"no space left on {out / 'images'}" in ended.err.splitlines()[-1]
    assert sorted(path.name for path in out.rglob("*.*")) == ["a_mask.png", "a_preview.jpg", "manifest.jsonl"]
    lines = (out / "manifest.jsonl").read_text().splitlines()
    assert [json.loads(line)["input"] for line in lines] == ["images/a.png"]
    monkeypatch.undo()
    assert cxrtk_command(*arguments(images, out), "--continue").code == 0
    assert list(table(out)) == ["images/a.png", "images/b.png"]
