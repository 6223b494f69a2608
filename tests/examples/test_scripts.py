"""The example scripts run as their first lines say."""

import json
import re
from pathlib import Path

import pydicom
import pytest
from PIL import Image

from cxrtk import phantom

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_read_one_image(fresh_python, cxrtk_data, tmp_path):
    """A real DICOM file ends as a picture of its own size, and its spacing is told."""
    image = cxrtk_data / "dicom" / "rsna_cr_pa_monochrome2_jpeg.dcm"
    script = EXAMPLES / "read_one_image.py"
    ended = fresh_python(script, "dicom", image, "otsu", "picture.png", CXRTK_PLUGINS=EXAMPLES / "drop_in")
    assert ended.code == 0, ended.err
    with Image.open(tmp_path / "picture.png") as picture:
        assert (picture.size, picture.mode) == ((1024, 1024), "RGB")
    spacing = tuple(float(mm) for mm in pydicom.dcmread(image, stop_before_pixels=True).PixelSpacing)
    assert ended.out.startswith(f"1024 x 1024 pixels, spacing {spacing} mm")
    assert "see picture.png" in ended.out


@pytest.mark.slow
def test_train_from_python(fresh_python, tmp_path):
    """A small run on phantoms trains, chooses a checkpoint, and prints a Dice between 0 and 1."""
    phantom.write_nih(tmp_path / "nih", count=12, size=64)
    settings = [
        "max_epochs=2",
        "image_size=32",
        "batch_size=4",
        "labels=files",
        "network_def#name=basic_unet",
    ]
    ended = fresh_python(EXAMPLES / "train_from_python.py", tmp_path / "nih", *settings, OMP_NUM_THREADS=1)
    assert ended.code == 0, ended.err[-3000:]
    best = re.search(r"best validation Dice: (\d\.\d+), epoch ([12])", ended.out)
    assert best and 0 <= float(best[1]) <= 1
    assert list((tmp_path / "runs").glob("unet_cxr*/best.pt"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_demo(fresh_python, tmp_path):
    """It says what it will do, trains the paper's network, names its truth, and ends with a picture."""
    small = ("--max_epochs", "1", "--image_size", "32", "--batch_size", "16")
    ended = fresh_python(EXAMPLES / "demo.py", *small, OMP_NUM_THREADS=1)
    assert ended.code == 0, ended.err[-3000:]
    (run,) = (tmp_path / "runs").glob("demo_*")
    about = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert about["settings"]["parameters"] == 5_469_473 and about["settings"]["max_epochs"] == 1
    test = json.loads((run / "test_metrics.json").read_text(encoding="utf-8"))
    assert test["truth"] == "exact masks, heart excluded"
    order = ["it takes about", *(f"[{step} of 4]" for step in (1, 2, 3, 4)), "held-out phantoms", "demo.png"]
    places = [ended.out.index(each) for each in order]
    assert places == sorted(places)
    assert f"{test['metrics']['dice']:.4f}" in ended.out and "Ground truth         exact masks" in ended.out
    with Image.open(run / "demo.png") as picture:
        assert picture.height == 640 and picture.width > 3 * 640
