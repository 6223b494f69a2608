import io
import struct
import zlib
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, CxrReadError, pixels

LUNG = np.zeros((20, 30), np.uint8)  # H = 20, W = 30
LUNG[4:15, 3:11] = 1
LUNG[5:16, 18:26] = 1
CLASSES = LUNG * (1 + (np.arange(30) > 14).astype(np.uint8))  # 1 on the image's left, 2 on its right
CLASSES[10:18, 13:17] = 3


def png(array: np.ndarray, mode: str | None = None, **options: object) -> bytes:
    image = Image.fromarray(array)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, "PNG", **options)
    return file.getvalue()


def nifti(array: np.ndarray) -> bytes:
    return bytes(nib.Nifti1Image(array.T, np.diag([-1.0, -1.0, 1.0, 1.0])).to_bytes())


def palette(array: np.ndarray, colours: list[int]) -> bytes:
    image = Image.fromarray(array).copy()
    image.putpalette(colours)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


RED = np.dstack([LUNG * 255, LUNG * 0, LUNG * 0])


def saved(array: np.ndarray, kind: str, mode: str | None = None, **options: object) -> bytes:
    """The bytes of a file of another format."""
    image = Image.fromarray(array)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


def jpeg(array: np.ndarray) -> bytes:
    return saved(array, "JPEG", quality=90)


SAME_MASK = {
    "1 bit": png(LUNG > 0),
    "0 and 1": png(LUNG),
    "0 and 255": png(LUNG * 255),
    "0 and 128": png(LUNG * 128),
    "16 bits": png(LUNG.astype(np.uint16) * 65535),
    "grey in RGB": png(LUNG * 255, "RGB"),
    "opaque RGBA": png(LUNG * 255, "RGBA"),
    "red on black": png(RED),
    "palette": palette(LUNG, [0, 0, 0, 0, 200, 0]),
    "BMP": saved(LUNG * 255, "BMP"),
    "BMP of 1 bit": saved(LUNG > 0, "BMP"),
    "BMP in colour": saved(RED, "BMP"),
    "GIF": saved(LUNG * 255, "GIF"),
    "red GIF": saved(RED, "GIF"),
    "TIFF": saved(LUNG * 255, "TIFF"),
    "TIFF of 0 and 1": saved(LUNG, "TIFF"),
    "TIFF of 1 bit": saved(LUNG > 0, "TIFF"),
    "TIFF by fax": saved(LUNG > 0, "TIFF", compression="group4"),
    "TIFF by LZW": saved(LUNG * 255, "TIFF", compression="tiff_lzw"),
    "TIFF by deflate": saved(LUNG * 255, "TIFF", "RGB", compression="tiff_deflate"),
    "TIFF of 16 bits": saved(LUNG.astype(np.uint16) * 65535, "TIFF"),
    "TIFF of fractions": saved(LUNG.astype(np.float32), "TIFF"),
    "TIFF with a palette": saved(RED, "TIFF", "P"),
    "NIfTI of integers": nifti(LUNG),
    "NIfTI of fractions": nifti(LUNG.astype(np.float32)),
}


@pytest.mark.parametrize("name", SAME_MASK)
def test_two_values_are_outside_and_inside(name: str, tmp_path: Path) -> None:
    """Black is 0 and the other value 1, whichever format, depth and colour it has."""
    path = tmp_path / "mask"
    path.write_bytes(SAME_MASK[name])
    mask = pixels.read_mask(path)
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, LUNG)


@pytest.mark.parametrize(("value", "inside"), [(0, 0), (1, 1), (255, 1)])
def test_a_mask_may_be_empty_or_full(value: int, inside: int, tmp_path: Path) -> None:
    """One value alone is no error: 0 is outside everywhere, any other inside."""
    (tmp_path / "mask.png").write_bytes(png(np.full((20, 30), value, np.uint8)))
    assert np.array_equal(pixels.read_mask(tmp_path / "mask.png"), np.full((20, 30), inside))


SOFT = np.asarray(Image.fromarray(LUNG * 255).resize((75, 50), Image.Resampling.BICUBIC))
BLUE_TOO = RED + np.dstack([LUNG * 0, LUNG * 0, np.where(np.arange(20)[:, None] > 9, LUNG, 0) * 9]).astype(
    np.uint8
)
NO_MASK = {
    "three values": (png(CLASSES % 3 * 100), r"3 values \(0, 100, 200\)"),
    "soft edges": (png(SOFT), r"values \(0, .*\.\.\.\)"),
    "two values without 0": (png(LUNG * 100 + 100), r"100, 200, of which none is 0"),
    "two colours and black": (png(BLUE_TOO), "2 colours besides black"),
    "two colours without black": (png(RED + np.uint8(9)), "2 colours besides black"),
    "transparent": (png(np.dstack([LUNG, LUNG, LUNG, LUNG]) * 255, "RGBA"), "transparent"),
    "text": (b"404 not found", "not an image"),
    "cut": (png(LUNG)[:60], "truncated"),
}


@pytest.mark.parametrize("case", NO_MASK)
def test_what_has_more_than_two_values_is_no_mask(case: str, tmp_path: Path) -> None:
    """The values are named; no threshold is guessed."""
    content, said = NO_MASK[case]
    path = tmp_path / "mask.png"
    path.write_bytes(content)
    with pytest.raises(CxrReadError, match=said) as error:
        pixels.read_mask(path)
    assert error.value.path == str(path)
    assert error.value.cure


SAME_CLASSES = {
    "8 bits": png(CLASSES),
    "4 bits": png(CLASSES, "P", bits=4),
    "16 bits": png(CLASSES.astype(np.uint16)),
    "coloured palette": palette(CLASSES, [0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 0, 0]),
    "NIfTI": nifti(CLASSES),
}


@pytest.mark.parametrize("name", SAME_CLASSES)
def test_class_numbers_come_as_stored(name: str, tmp_path: Path) -> None:
    """Neither a palette nor the depth changes a number."""
    path = tmp_path / "labels"
    path.write_bytes(SAME_CLASSES[name])
    assert np.array_equal(pixels.read_labels(path), CLASSES)


def test_two_bits_are_not_stretched_to_255(tmp_path: Path) -> None:
    """A grey PNG of 2 bits, which Pillow opens as 0, 85, 170 and 255, holds 0 to 3."""
    header = struct.pack(">IIBBBBB", 8, 8, 2, 0, 0, 0, 0)
    rows = b"\0\x1b\x1b" * 8  # 0x1b is 00 01 10 11
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    (tmp_path / "labels.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert np.array_equal(pixels.read_labels(tmp_path / "labels.png"), np.tile([0, 1, 2, 3], (8, 2)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png(RED), "colour image"),
        (png(CLASSES.astype(np.uint16) * 100), "0, 100, 200, 300"),
        (nifti(CLASSES.astype(np.float32) / 2), "0.5"),
        (nifti(CLASSES.astype(np.int16) - 1), "-1"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
    ],
)
def test_what_holds_no_class_numbers_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    """Colours, fractions, numbers outside 0 to 255, and lossy files."""
    (tmp_path / "labels.png").write_bytes(content)
    with pytest.raises(CxrReadError, match=said):
        pixels.read_labels(tmp_path / "labels.png")


def test_labels_in_other_formats(tmp_path: Path) -> None:
    """Grey values of BMP, TIFF and GIF are class numbers too."""
    for kind in ("BMP", "TIFF", "GIF"):
        (tmp_path / "labels").write_bytes(saved(CLASSES, kind))
        assert np.array_equal(pixels.read_labels(tmp_path / "labels"), CLASSES)
        (tmp_path / "labels").write_bytes(saved(RED, kind))
        with pytest.raises(CxrReadError, match="colour image"):
            pixels.read_labels(tmp_path / "labels")


@pytest.mark.parametrize(
    "content",
    [
        jpeg(LUNG * 255),
        jpeg(np.dstack([LUNG * 255] * 3)),
        saved(LUNG * 255, "TIFF", compression="jpeg"),
        png(SOFT),
    ],
    ids=["JPEG", "JPEG in RGB", "TIFF by JPEG", "soft PNG"],
)
def test_soft_edges_are_cut_where_one_says(tmp_path: Path, content: bytes) -> None:
    """Without a threshold the cure names it; with one half, the mask is that which was softened."""
    path = tmp_path / "mask"
    path.write_bytes(content)
    with pytest.raises(CxrReadError, match=r"values .*threshold=0\.5 .*reader#mask_threshold=0\.5"):
        pixels.read_mask(path)
    if content == png(SOFT):
        assert np.array_equal(pixels.read_mask(path, threshold=0.5), SOFT > 127)
    else:
        assert np.array_equal(pixels.read_mask(path, threshold=0.5), LUNG)


STEPS = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize("threshold", [0.001, 0.25, 0.5, 0.999])
@pytest.mark.parametrize(
    ("content", "full"),
    [
        (png(STEPS), 255),
        (png(STEPS.astype(np.uint16) * 257), 255),
        (saved(STEPS, "GIF"), 255),
        (nifti(STEPS), 255),
        (nifti(STEPS.astype(np.float32) / 255), 255),
    ],
    ids=["PNG", "PNG of 16 bits", "GIF", "NIfTI", "NIfTI of fractions"],
)
def test_a_threshold_is_a_fraction_of_the_declared_range(
    tmp_path: Path, content: bytes, full: int, threshold: float
) -> None:
    """Inside is what lies above it, in every format."""
    (tmp_path / "mask").write_bytes(content)
    assert np.array_equal(pixels.read_mask(tmp_path / "mask", threshold=threshold), STEPS / full > threshold)


@pytest.mark.parametrize("threshold", [0, 1, -0.5, 128, True, "half"])
def test_other_thresholds_are_refused(tmp_path: Path, threshold) -> None:
    """It is a fraction, not a grey level."""
    with pytest.raises(ConfigError, match="mask_threshold must be a fraction"):
        pixels.read_mask(tmp_path / "mask.png", threshold=threshold)
