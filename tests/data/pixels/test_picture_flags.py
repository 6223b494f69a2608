"""Size and shape of a picture, flagged alike by every reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pixel_makers import dicom, encode, put

from cxrtk import CxrReadError, pixels
from cxrtk.data.pixels.picture_flags import size_flags
from cxrtk.data.pixels.save import nifti_bytes

NOISE = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("height", "width", "flags"),
    [
        (64, 64, []),
        (63, 64, ["tiny"]),
        (64, 63, ["tiny"]),
        (100, 300, []),
        (100, 301, ["elongated"]),
        (301, 100, ["elongated"]),
        (60, 900, ["tiny", "elongated"]),
        (9, 9, ["tiny"]),
    ],
)
def test_limits_of_size_and_shape(height: int, width: int, flags: list[str]) -> None:
    """64 pixels a side are enough, and three to one is not too long; the reason is the size."""
    assert size_flags(height, width) == dict.fromkeys(flags, f"{width} x {height} pixels")


@pytest.mark.parametrize("form", ["png", "jpg", "dcm", "nii", "raw"])
@pytest.mark.parametrize(("height", "width"), [(40, 40), (60, 900), (900, 70), (96, 80)])
def test_every_reader_flags_them(tmp_path: Path, form: str, height: int, width: int) -> None:
    """And a flag can be refused."""
    image = NOISE.integers(0, 4096, (height, width)).astype(np.uint16)
    path = tmp_path / f"a.{form}"
    if form == "dcm":
        dicom(path, image)
    elif form == "raw":
        put(path, image.astype(">u2").tobytes())
    else:
        kind = {"png": lambda: encode(image), "jpg": lambda: encode((image // 16).astype(np.uint8), "JPEG")}
        put(path, nifti_bytes(image, None) if form == "nii" else kind[form]())
    if form == "raw":
        radiograph = pixels.read_raw(path, height=height, width=width, bits=12)
    else:
        radiograph = pixels.read(path)
    expected = size_flags(height, width)
    assert {
        name: why for name, why in radiograph.meta["flags"].items() if name in ("tiny", "elongated")
    } == expected
    if expected and form != "raw":
        with pytest.raises(CxrReadError, match="flagged"):
            pixels.read(path, refuse=list(expected))
