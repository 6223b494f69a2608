"""Small files, and the folder of their makers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pixel_makers and costs are imported by name


@pytest.fixture
def ramp() -> np.ndarray:
    """(60, 40) uint16, the numbers 0 to 2399: no two pixels alike, so that no flip or swap passes unseen."""
    from pixel_makers import RAMP

    return RAMP.copy()


@pytest.fixture
def ramp8() -> np.ndarray:
    """(64, 48) uint8."""
    from pixel_makers import GREY

    return GREY.copy()


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Image -> the bytes of a JPEG or JPEG 2000 file."""
    from pixel_makers import encode

    return encode


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a DX file of 12 stored bits; keyword arguments set tags, ``None`` takes one away."""
    from pixel_makers import dicom

    def write(*arguments: Any, **tags: Any) -> Path:
        return dicom(tmp_path / "image.dcm", *arguments, **tags)

    return write
