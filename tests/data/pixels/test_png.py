"""PNG and JPEG files that are read: every layout gives the same pixels, as declared and as stored."""

import io
import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from png_files import DEEP, GREY, SAME_AS_DEEP, SAME_AS_GREY, bits_png, pillow, write

from cxrtk import CxrReadError, pixels


@pytest.mark.parametrize("name", SAME_AS_GREY)
def test_every_layout_of_one_grey_channel_gives_the_same_pixels(name: str, tmp_path: Path) -> None:
    """8 bits come as stored / 255, bit for bit, whichever PNG layout carries them."""
    radiograph = pixels.read_png(write(tmp_path, SAME_AS_GREY[name]))
    assert np.array_equal(radiograph.pixels, (GREY / 255).astype(np.float32))


@pytest.mark.parametrize("name", SAME_AS_DEEP)
def test_sixteen_bits_keep_all_their_levels(name: str, tmp_path: Path) -> None:
    """16 bits come as stored / 65535, in grey as in colour layouts, of which Pillow keeps 8 bits."""
    radiograph = pixels.read_png(write(tmp_path, SAME_AS_DEEP[name]))
    assert len(np.unique(radiograph.pixels)) == 2400
    assert np.array_equal(radiograph.pixels, (DEEP / 65535).astype(np.float32))


@pytest.mark.parametrize(
    ("depth", "levels"), [(2, [0, 1 / 3, 2 / 3, 1]), (4, [level / 15 for level in range(16)])]
)
def test_few_bits_span_the_whole_range(depth: int, levels: list[float], tmp_path: Path) -> None:
    """The largest value of 2 or 4 bits is 1.0."""
    radiograph = pixels.read_png(write(tmp_path, bits_png(depth)))
    assert np.allclose(radiograph.pixels[3, : len(levels)], levels, atol=1e-6)


def test_the_range_is_declared_not_found(tmp_path: Path) -> None:
    """12 bits of data in a 16-bit file stay below 4096 / 65535; nothing is stretched."""
    radiograph = pixels.read_png(write(tmp_path, pillow(np.full((20, 20), 4095, np.uint16))))
    assert np.allclose(radiograph.pixels, 4095 / 65535)
    assert (radiograph.meta["bits"], radiograph.meta["range"]) == (16, [0, 65535])


def test_a_png_has_no_spacing(tmp_path: Path) -> None:
    """Dots an inch are not taken for the size of a pixel."""
    radiograph = pixels.read_png(write(tmp_path, pillow(GREY, dpi=(300, 300))))
    assert radiograph.spacing_mm is None
    assert radiograph.spacing_source is None


def test_a_jpeg_is_known_by_its_content(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A JPEG named .png is decoded as Pillow does, and said once to be lossy."""
    content = pillow(GREY, "JPEG")
    path = write(tmp_path, content)
    for _ in range(2):
        radiograph = pixels.read_png(path)
    assert np.array_equal(
        radiograph.pixels, (np.asarray(Image.open(io.BytesIO(content))) / 255).astype(np.float32)
    )
    assert radiograph.meta["format"] == "JPEG"
    assert caplog.text.count("is a JPEG (lossy)") == 1


def test_a_grey_jpeg_in_three_channels_is_grey(tmp_path: Path) -> None:
    """An RGB JPEG of a grey image gives what its grey twin does, up to JPEG's rounding."""
    radiograph = pixels.read_png(write(tmp_path, pillow(GREY, "JPEG", mode="RGB", quality=100), "a.jpg"))
    assert np.abs(radiograph.pixels - GREY / 255).max() < 4 / 255


def test_an_exif_orientation_is_not_applied(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Pixels stay as stored; the orientation is in the provenance and in the log."""
    exif = Image.Exif()
    exif[274] = 6
    radiograph = pixels.read_png(write(tmp_path, pillow(GREY, exif=exif)))
    assert np.array_equal(radiograph.pixels, (GREY / 255).astype(np.float32))
    assert radiograph.meta["exif_orientation_ignored"] == 6
    assert "EXIF orientation 6 is ignored" in caplog.text


def test_text_in_the_file_stays_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A name in a text chunk reaches neither the provenance nor the log."""
    caplog.set_level(logging.DEBUG, "cxrtk")
    text = PngInfo()
    text.add_text("PatientName", "DOE^JOHN")
    radiograph = pixels.read_png(write(tmp_path, pillow(GREY, pnginfo=text)))
    assert "DOE" not in repr(radiograph.meta) + caplog.text


@pytest.mark.parametrize(
    ("content", "said"),
    [(pillow(GREY)[:-12], "no end mark"), (pillow(GREY) + b"x" * 999, "999 bytes after the end")],
)
def test_whole_pixels_are_read_with_a_warning(
    content: bytes, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing end mark, or bytes after it, do not cost an image whose pixels are whole."""
    radiograph = pixels.read_png(write(tmp_path, content))
    assert np.array_equal(radiograph.pixels, (GREY / 255).astype(np.float32))
    assert said in caplog.text


@pytest.mark.parametrize("step", [1, 4])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_channels_some_levels_apart_are_grey(tmp_path: Path, step: int, order: tuple[int, ...]) -> None:
    """Up to 4 of 255: the median of the three channels is taken, whichever they are, and a flag says so."""
    low = np.clip(GREY, 0, 245)
    channels = np.stack([low, low + np.uint8(step // 2), low + np.uint8(step)], axis=-1)[..., list(order)]
    path = tmp_path / "a.png"
    path.write_bytes(pillow(channels))
    radiograph = pixels.read_png(path)
    assert np.array_equal(radiograph.pixels, (np.median(channels, axis=-1) / 255).astype(np.float32))
    assert f"up to {step} of 255" in radiograph.meta["flags"]["tinted"]


def test_tinted_files_can_be_refused(tmp_path: Path) -> None:
    """The flag is one of those that `refuse` takes."""
    path = tmp_path / "a.png"
    low = np.minimum(GREY, 250)
    path.write_bytes(pillow(np.dstack([low, low + np.uint8(2), low])))
    with pytest.raises(CxrReadError, match="flagged tinted"):
        pixels.read_png(path, refuse=["tinted"])
