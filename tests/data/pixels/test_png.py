import io
import logging
import os
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pixel_makers import adam7

from cxrtk import CxrReadError, pixels

GREY = np.arange(64 * 48, dtype=np.uint32).reshape(64, 48).astype(np.uint8)  # H = 64, W = 48, all 256 levels
DEEP = (np.arange(60 * 40, dtype=np.uint32).reshape(60, 40) * 27).astype(np.uint16)  # 2400 levels to 64773


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(
    width: int, height: int, depth: int, colour: int, rows: bytes, interlaced: int = 0, extra: bytes = b""
) -> bytes:
    """A PNG put together by hand from the specification."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def filtered(samples: np.ndarray, bytes_a_pixel: int) -> bytes:
    """The rows of an image, with the filters None, Sub and Up in turn (section 9 of the specification)."""
    rows = [np.frombuffer(row.tobytes(), np.uint8) for row in samples]
    lines = []
    for number, row in enumerate(rows):
        shifted = np.concatenate([np.zeros(bytes_a_pixel, np.uint8), row[:-bytes_a_pixel]])
        above = rows[number - 1] if number else np.zeros_like(row)
        lines.append(bytes([number % 3]) + [row, row - shifted, row - above][number % 3].tobytes())
    return b"".join(lines)


def deep_png(channels: int, colour: int, interlaced: bool = False) -> bytes:
    """DEEP in 16-bit samples, its channels equal and alpha full."""
    samples = np.repeat(DEEP[..., None], channels, axis=-1)
    if colour in (4, 6):
        samples[..., -1] = 65535
    big_endian = samples.astype(">u2")
    rows = adam7(big_endian) if interlaced else filtered(big_endian, 2 * channels)
    return raw_png(40, 60, 16, colour, rows, int(interlaced))


def pillow(array: np.ndarray, kind: str = "PNG", mode: str | None = None, **options: object) -> bytes:
    image = Image.fromarray(array)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


def grey_palette() -> bytes:
    image = Image.fromarray(255 - GREY).copy()
    image.putpalette(
        [level for index in range(256) for level in [255 - index] * 3]
    )  # reversed: index is not grey
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def bits_png(depth: int) -> bytes:
    """16 pixels a row of the levels 0, 1, ... of `depth` bits."""
    levels = np.tile(np.arange(16) % 2**depth, (8, 1))
    packed = [
        bytes(
            int("".join(f"{level:0{depth}b}" for level in row)[bit : bit + 8], 2)
            for bit in range(0, 16 * depth, 8)
        )
        for row in levels
    ]
    return raw_png(16, 8, depth, 0, b"".join(b"\0" + row for row in packed))


SAME_AS_GREY = {
    "grey": pillow(GREY),
    "grey+alpha": pillow(GREY, mode="LA"),
    "rgb": pillow(GREY, mode="RGB"),
    "rgba": pillow(GREY, mode="RGBA"),
    "palette": grey_palette(),
    "interlaced": raw_png(48, 64, 8, 0, adam7(GREY), 1),
    "filtered": raw_png(48, 64, 8, 0, filtered(GREY, 1)),
    "text": pillow(GREY, pnginfo=PngInfo()),
}
SAME_AS_DEEP = {
    "grey": pillow(DEEP),
    "grey+alpha": deep_png(2, 4),
    "rgb": deep_png(3, 2),
    "rgba": deep_png(4, 6),
    "rgb interlaced": deep_png(3, 2, interlaced=True),
    "grey interlaced": deep_png(1, 0, interlaced=True),
}


def write(folder: Path, content: bytes, name: str = "a.png") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


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


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


COLOUR = np.dstack([GREY, 255 - GREY, GREY // 2])
TINTED = np.dstack([GREY, GREY, np.where(GREY == 200, 195, GREY).astype(np.uint8)])  # 5 apart in one grey
GLASS = np.dstack([GREY, GREY, GREY, np.full_like(GREY, 254)])
IDAT = pillow(GREY).index(b"IDAT")
REFUSED = {
    "colour": (pillow(COLOUR), "colour image .*255 of 255"),
    "colour in one pixel value": (pillow(TINTED), "colour image .*5 of 255, more than 4"),
    "colour JPEG": (pillow(COLOUR, "JPEG"), "colour image"),
    "colour palette": (pillow(COLOUR, mode="P"), "colour image"),
    "CMYK JPEG": (pillow(COLOUR, "JPEG", mode="CMYK"), "JPEG in CMYK"),
    "glassy": (pillow(GLASS), "transparent"),
    "transparent level": (pillow(GREY, transparency=9), "transparent"),
    "1-bit": (pillow(GREY > 99), "1-bit"),
    "TIFF": (pillow(GREY, "TIFF"), "is TIFF"),
    "GIF": (pillow(GREY, "GIF"), "is GIF"),
    "BMP": (pillow(GREY, "BMP"), "is BMP"),
    "zero bytes": (b"", r"empty file \(0 bytes\)"),
    "a web page": (b"<html>404</html>", "not an image .*<html>"),
    "signature alone": (pillow(GREY)[:8], "truncated"),
    "cut in the header": (pillow(GREY)[:20], "truncated"),
    "half": (pillow(GREY)[: len(pillow(GREY)) // 2], "truncated"),
    "half a JPEG": (pillow(GREY, "JPEG")[:700], "truncated"),
    "header alone": (pillow(GREY)[: IDAT - 4], "truncated|damaged"),
    "damaged pixels": (flipped(pillow(GREY), IDAT + 60), "damaged"),
    "damaged checksum": (flipped(pillow(GREY), len(pillow(GREY)) - 13), "damaged .*IDAT"),
    "0 x 0": (raw_png(0, 0, 8, 0, b""), "0 x 0"),
    "1 x 1": (pillow(GREY[:1, :1]), "1 x 1"),
    "1 x 4000": (pillow(np.zeros((1, 4000), np.uint8)), "4000 x 1"),
    "unknown depth": (raw_png(48, 64, 3, 0, filtered(GREY, 1)), "damaged"),
    "unknown colour type": (raw_png(48, 64, 8, 5, filtered(GREY, 1)), "damaged"),
    "too few rows": (raw_png(48, 64, 8, 0, filtered(GREY[:30], 1)), "truncated|damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_grey_image_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    """The error names the file, what is wrong and what to do."""
    content, said = REFUSED[case]
    path = write(tmp_path, content)
    with pytest.raises(CxrReadError, match=said) as error:
        pixels.read_png(path)
    assert error.value.path == str(path)
    assert error.value.cure
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("width", "height"),
    [(20_000, 20_000), (12_000, 12_000), (2**31 - 1, 8)],
    ids=["bomb", "large", "one long row"],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(
    width: int, height: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header's size decides, and Pillow is never asked."""
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("Pillow was asked to open it"))
    path = write(tmp_path, raw_png(width, height, 8, 0, b"\0" * 1000))
    with pytest.raises(CxrReadError, match=f"{width} x {height} pixels .*million"):
        pixels.read_png(path)


def test_the_bound_can_be_set(tmp_path: Path) -> None:
    """An image of exactly `max_pixels` is read, of one more refused."""
    path = write(tmp_path, pillow(GREY))
    assert pixels.read_png(path, max_pixels=64 * 48).pixels.shape == (64, 48)
    with pytest.raises(CxrReadError, match="48 x 64"):
        pixels.read_png(path, max_pixels=64 * 48 - 1)


def test_the_bound_holds_for_jpeg(tmp_path: Path) -> None:
    """A JPEG is refused by the size in its header too."""
    with pytest.raises(CxrReadError, match="48 x 64"):
        pixels.read_png(write(tmp_path, pillow(GREY, "JPEG")), max_pixels=1000)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: os.mkfifo(path), "not a regular file"),
        (lambda path: path.mkdir(), "not a regular file|directory"),
        (lambda path: path.symlink_to(path.name), "cannot be opened"),
        (lambda path: path.symlink_to("/nonexistent/x"), "broken link"),
        (lambda path: None, "does not exist"),
    ],
    ids=["pipe", "folder", "loop", "broken link", "missing"],
)
def test_what_is_no_file_is_refused_at_once(make: object, said: str, tmp_path: Path) -> None:
    """A pipe would else block for ever."""
    path = tmp_path / "x.png"
    make(path)  # type: ignore[operator]
    with pytest.raises(CxrReadError, match=said):
        pixels.read_png(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["grey", "rgba", "deep rgb", "jpeg"])
def test_damage_never_escapes_as_another_error(name: str, tmp_path: Path) -> None:
    """Of 300 files with one to four bytes changed, each is refused as unreadable or gives a whole image."""
    content = {"deep rgb": SAME_AS_DEEP["rgb"], "jpeg": pillow(GREY, "JPEG")}.get(name) or SAME_AS_GREY[name]
    draw = random.Random(0)
    refused = 0
    for _ in range(300):
        mutant = bytearray(content)
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(2, 80) if draw.random() < 0.7 else draw.randrange(2, len(mutant))
            mutant[place] = draw.randrange(256)
        try:
            assert pixels.read_png(write(tmp_path, bytes(mutant))).pixels.ndim == 2
        except CxrReadError:
            refused += 1
    assert refused > 30


def test_damaged_exif_data_are_not_quoted(tmp_path: Path) -> None:
    """They are text of the file, and may name a patient."""
    from pixel_makers import chunk, raw_png

    path = tmp_path / "a.png"
    rows = zlib.compress(bytes(49 * 64))
    path.write_bytes(raw_png(48, 64, rows, extra=chunk(b"eXIf", b"CANARY^DOE^JOHN" + bytes(50))))
    with pytest.raises(CxrReadError, match="has damaged EXIF data") as caught:
        pixels.read_png(path)
    assert "CANARY" not in str(caught.value)


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
