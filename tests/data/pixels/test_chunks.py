"""The chunks of PNG files that Pillow wrote, whole and spoiled in one place."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError
from cxrtk.data.pixels.chunks import PngHeader, check_chunks, check_rows, png_header


def png(width: int = 37, height: int = 21) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(256, size=(height, width), dtype=np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def code_of(check, *arguments) -> str:
    with pytest.raises(CxrReadError) as caught:
        check("a.png", *arguments)
    return caught.value.code


def test_the_header():
    """Of an 8-bit grey image of Pillow's."""
    assert png_header("a.png", png()) == PngHeader(37, 21, 8, 0, False)


@pytest.mark.parametrize("data", [b"", png()[:32], png()[:12] + b"iCCP" + png()[16:]])
def test_a_header_that_is_cut_or_not_there(data):
    """It must be the first chunk, and whole."""
    assert code_of(png_header, data) == "truncated"


@pytest.mark.parametrize("at", [16, 19, 20, 24, 25, 28, 29, 32])
def test_the_header_is_not_believed_before_its_checksum(at):
    """A flipped bit in size, depth, colour type or checksum is damage, not an image of another size."""
    data = bytearray(png())
    data[at] ^= 0x40
    assert code_of(png_header, bytes(data)) == "damaged"


def test_a_colour_type_that_there_is_not():
    """With a right checksum."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 37, 21, 8, 5, 0, 0, 0))
    assert code_of(png_header, png()[:8] + header) == "damaged"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (PngHeader(10, 4, 8, 0, False), 4 * 11),
        (PngHeader(10, 4, 16, 0, False), 4 * 21),
        (PngHeader(10, 4, 1, 0, False), 4 * 3),  # ten bits are two bytes
        (PngHeader(10, 4, 8, 2, False), 4 * 31),
        (PngHeader(10, 4, 4, 3, False), 4 * 6),
        (PngHeader(10, 4, 8, 4, False), 4 * 21),
        (PngHeader(10, 4, 16, 6, False), 4 * 81),
        # Adam7 of 8 x 8: 1 x 1, 1 x 1, 2 x 1, 2 x 2, 4 x 2, 4 x 4, 8 x 4, each row with its filter
        (PngHeader(8, 8, 8, 0, True), 2 + 2 + 3 + 2 * 3 + 2 * 5 + 4 * 5 + 4 * 9),
        (PngHeader(1, 1, 8, 0, True), 2),  # the other six images have no columns or no rows
        (PngHeader(5, 1, 8, 0, True), 2 + 2 + 2 + 3),  # and here two have columns, but no rows
    ],
)
def test_bytes_before_compression(header, expected):
    """By hand: a filter byte a row, samples rounded up to bytes."""
    assert header.raw_bytes() == expected


def test_a_whole_file_has_no_flag():
    """Chunks and rows are as they should be."""
    assert check_chunks("a.png", png()) == {}
    check_rows("a.png", png(), png_header("a.png", png()))


def test_what_comes_after_the_end_is_a_flag():
    """The pixels are whole."""
    assert check_chunks("a.png", png() + b"more") == {"trailing_bytes": "4 bytes after IEND"}


def test_a_missing_end_is_a_flag():
    """Twelve bytes less."""
    assert check_chunks("a.png", png()[:-12]) == {"no_end": "IEND is missing"}


@pytest.mark.parametrize("place", range(33, 60, 7))
def test_a_turned_bit_in_the_pixels_is_damage(place):
    """Pillow does not look at the checksum of IDAT."""
    data = bytearray(png())
    data[place + 8] ^= 1
    assert code_of(check_chunks, bytes(data)) == "damaged"


@pytest.mark.parametrize("less", [13, 20, 200])
def test_a_chunk_that_is_cut(less):
    """Its end is named."""
    assert code_of(check_chunks, png()[:-less]) == "truncated"


def test_no_pixels_at_all():
    """A header and an end."""
    assert code_of(check_chunks, png()[:33] + chunk(b"IEND", b"")) == "truncated"


def test_more_chunks_than_any_image_has(monkeypatch):
    """The bound itself is allowed."""
    monkeypatch.setattr("cxrtk.data.pixels.chunks.MOST_CHUNKS", 5)
    head, rest = png()[:33], png()[33:]
    note = chunk(b"tEXt", b"a\0b")
    assert check_chunks("a.png", head + note * 2 + rest) == {}
    assert code_of(check_chunks, head + note * 3 + rest) == "damaged"


def test_rows_that_are_not_there():
    """The stream ends a row early, checksum and all."""
    header = PngHeader(4, 3, 8, 0, False)
    whole = zlib.compress(bytes(3 * 5))
    check_rows("a.png", png()[:33] + chunk(b"IDAT", whole[:4]) + chunk(b"IDAT", whole[4:]), header)
    assert code_of(check_rows, png()[:33] + chunk(b"IDAT", zlib.compress(bytes(14))), header) == "truncated"
    assert code_of(check_rows, png()[:33] + chunk(b"IDAT", b"no stream"), header) == "damaged"
