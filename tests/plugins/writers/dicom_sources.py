"""DICOM files that were segmented, by masks that no flip, turn or shift leaves as they are, and a checker."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from cxrtk import Segmentation, pixels, writers
from cxrtk.inference.segmentation.measures import measure

CLASSES = ("right_lung", "left_lung", "heart")
FILES = [
    "RG1_UNCI",
    "RG1_J2KI",
    "rsna_cr_pa_fake_monochrome1_jpeg",
    "rsna_cr_pa_monochrome2_jpeg",
    "veterinary_dx_thorax_monochrome1",
]
MODEL = {"name": "lungs", "sha256": "0123456789abcdef" * 4, "version": "0.1.0"}


def masks_of(height: int, width: int) -> np.ndarray:
    """(3, H, W) uint8: each one an F of another size and place, the heart over both lungs, corners set."""
    masks = np.zeros((3, height, width), np.uint8)
    for number, mask in enumerate(masks):
        top, left = (2 + number) * height // 12, (1 + 2 * number) * width // 10
        mask[top : top + height // 2, left : left + width // 12 + 3 * number] = 1
        mask[top : top + height // 16 + 1, left : left + width // 3] = 1
        mask[top + height // 5 : top + height // 4, left : left + width // 4] = 1
    masks[0, 0, 1] = masks[1, -1, 0] = masks[2, 1, -1] = 1
    return masks


def segmented(path: Path) -> Segmentation:
    """What a model might have found on a file."""
    radiograph = pixels.read(path)
    masks = masks_of(*radiograph.pixels.shape)
    found = measure(masks, CLASSES, radiograph)
    quality = {"flag": "review", "score": 0.4321, "reasons": ["a", "b"]}
    return Segmentation(
        path, radiograph, masks, CLASSES, np.zeros((3, 8, 8), np.float32), found, quality, MODEL
    )


def write_seg(found: Segmentation, folder: Path, name: str = "a") -> Path:
    """Write a DICOM SEG; return its path."""
    folder.mkdir(exist_ok=True)
    (path,) = writers.create("dicom_seg").write(found, folder / name)
    return path


@pytest.fixture
def dog(cxrtk_data: Path) -> Path:
    """A small DX file with all that a DX file has: 169 x 211, MONOCHROME1."""
    return cxrtk_data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm"


@pytest.fixture
def changed(dog: Path, tmp_path: Path) -> Callable[..., Path]:
    """The dog with other tags; ``None`` takes one away."""

    def make(**tags: object) -> Path:
        dataset = pydicom.dcmread(dog)
        for keyword, value in tags.items():
            if value is None:
                dataset.pop(keyword, None)
            else:
                setattr(dataset, keyword, value)
        path = tmp_path / "changed.dcm"
        dataset.save_as(path)
        return path

    return make


@pytest.fixture
def dciodvfy(require_program: Callable[[str, str], str]) -> Callable[[Path], list[str]]:
    """The errors that David Clunie's checker of DICOM objects finds in a file."""
    program = require_program("dciodvfy", "dicom3tools")

    def check(path: Path) -> list[str]:
        ended = subprocess.run([program, str(path)], capture_output=True, timeout=60)
        lines = (ended.stdout + ended.stderr).decode(errors="replace").splitlines()
        return [line for line in lines if line.startswith("Error")]

    return check
