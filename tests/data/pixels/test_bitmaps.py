"""BMP and TIFF files that are no masks; those that are stand in test_masks.py, bombs in test_limits.py."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, pixels

MASK = np.zeros((20, 30), np.uint8)
MASK[4:15, 3:11] = 255


def saved(array: np.ndarray, kind: str, mode: str | None = None, **options: object) -> bytes:
    image = Image.fromarray(array)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


def entry(content: bytes, tag: int) -> int:
    """Where the entry of a tag stands in the first directory of a little-endian TIFF."""
    (at,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, at)
    places = [at + 2 + 12 * number for number in range(count)]
    return next(place for place in places if struct.unpack_from("<H", content, place)[0] == tag)


def with_value(content: bytes, tag: int, count: int | None = None, value: int | None = None) -> bytes:
    changed, place = bytearray(content), entry(content, tag)
    if count is not None:
        struct.pack_into("<I", changed, place + 4, count)
    if value is not None:
        struct.pack_into("<HII", changed, place + 2, 4, 1, value)
    return bytes(changed)


TIFF, BMP = saved(MASK, "TIFF"), saved(MASK, "BMP")
PAGES = saved(MASK, "TIFF", save_all=True, append_images=[Image.fromarray(MASK)])
GLASS = np.dstack([MASK, MASK, MASK, MASK])
REFUSED = {
    "cut TIFF": (TIFF[: len(TIFF) // 2], "damaged|truncated", "copy it again"),
    "cut BMP": (BMP[: len(BMP) // 2], "truncated", "copy it again"),
    "TIFF's header": (TIFF[:6], "truncated", "copy it again"),
    "BMP's header": (BMP[:20], "truncated", "copy it again"),
    "pages": (PAGES, "multi_frame", "save the one to read"),
    "transparent": (saved(GLASS, "TIFF", "RGBA"), "transparent", "without alpha"),
    "CMYK": (saved(np.dstack([MASK] * 3), "TIFF", "CMYK"), "colour", "save it as PNG"),
    "no width": (with_value(TIFF, 256, count=7), "damaged", "copy it again"),
    "many strips": (with_value(TIFF, 273, count=10**6), "damaged", "save it as PNG"),
    "no directory": (TIFF[:4] + struct.pack("<I", 10**9) + TIFF[8:], "truncated", "copy it again"),
    "small": (saved(MASK[:7, :7], "BMP"), "too_small", "leave it out"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_damaged_or_no_mask_is_refused(tmp_path: Path, name: str) -> None:
    """One line with the file, the fault and a cure."""
    content, code, cure = REFUSED[name]
    path = tmp_path / "mask"
    path.write_bytes(content)
    with pytest.raises(CxrReadError) as error:
        pixels.read_mask(path)
    assert error.value.code in code.split("|")
    assert error.value.path == str(path)
    assert cure in str(error.value.cure)


@pytest.mark.parametrize("content", [TIFF, BMP, PAGES], ids=["TIFF", "BMP", "pages"])
def test_damage_anywhere_is_an_error_of_ours(tmp_path: Path, content: bytes) -> None:
    """One byte changed at a time gives a mask or a `CxrReadError`, nothing else."""
    random = np.random.default_rng(0)
    path = tmp_path / "mask"
    for place in random.choice(len(content), 150, replace=False):
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << random.integers(8)
        path.write_bytes(spoilt)
        try:
            assert set(np.unique(pixels.read_mask(path))) <= {0, 1}
        except CxrReadError as error:
            assert error.path == str(path)
