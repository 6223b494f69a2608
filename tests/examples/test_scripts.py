"""The example scripts run as their first lines say."""

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
