"""PNG and JPEG files that are refused, each in one line: coloured, damaged, too large, or no file."""

import os
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from png_files import GREY, SAME_AS_DEEP, SAME_AS_GREY, filtered, pillow, raw_png, write

from cxrtk import CxrReadError, pixels


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
