"""A DICOM file to derive objects from, the same with other tags, and the checker of what is derived."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest


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
