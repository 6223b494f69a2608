"""`cxrtk apply`: a step of one's own, by its name."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import phantom

CROPS = Path(__file__).resolve().parents[2] / "examples" / "drop_in" / "steps" / "lung_crops.py"


@pytest.fixture
def images(tmp_path):
    """Two phantoms, and a text."""
    folder = tmp_path / "in"
    folder.mkdir()
    for seed in range(2):
        pixels = phantom.draw(seed, 192).pixels
        Image.fromarray((pixels * 255).round().astype(np.uint8)).save(folder / f"{seed}.png")
    (folder / "notes.txt").write_text("no image")
    return folder


def test_the_example_crops_to_the_lungs(cxrtk_command, plugin_folder, images, tmp_path):
    """One PNG a radiograph, of the size that the table says, smaller than the image; the text is counted."""
    plugin_folder.write("steps", "lung_crops", CROPS.read_text())
    out = tmp_path / "out"
    ended = cxrtk_command("apply", "lung_crops", "-i", images, "-o", out, "--set", "step#margin=0.1")
    assert ended.code == 0, ended.err
    assert "2 images: 2 done, 0 failed, 1 left out (not_image 1);" in " ".join(ended.err.split())
    with (out / "lung_crops.csv").open(newline="") as file:
        rows = {row["image"]: row for row in csv.DictReader(file)}
    for name in ("0", "1"):
        with Image.open(out / f"{name}_lungs.png") as picture:
            assert picture.size == (int(rows[f"{name}.png"]["width"]), int(rows[f"{name}.png"]["height"]))
            assert picture.width < 192


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["segmnt"], "Did you mean 'segment'?"),
        (["convert", "--set", "step#no_such=1"], "no_such"),
        (["convert", "--set", "margin=1"], "reader# or step#"),
        (["convert", "--set", "reader#no_such=1"], "no_such"),
    ],
)
def test_mistakes_are_one_line(cxrtk_command, images, tmp_path, words, said):
    """Before anything is written."""
    ended = cxrtk_command("apply", *words, "-i", images, "-o", tmp_path / "out")
    assert ended.code == 2 and ended.err.count("\n") == 1 and said in ended.err
    assert not (tmp_path / "out").exists()


def test_a_second_pass_is_refused_and_a_continued_one_is_not(cxrtk_command, images, tmp_path):
    """This holds for every step."""
    shutil.copy(images / "0.png", images / "2.png")
    words = ["apply", "convert", "-i", images, "-o", tmp_path / "out"]
    assert cxrtk_command(*words).code == 0
    again = cxrtk_command(*words)
    assert again.code == 2 and "--continue" in again.err
    assert cxrtk_command(*words, "--continue").code == 0
