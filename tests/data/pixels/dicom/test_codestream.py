"""The size that a compressed stream claims, against Pillow's encoders and streams built by hand."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from cxrtk.data.pixels.dicom.codestream import Declared, declared_by_jpeg, declared_by_jpeg_2000, least_bytes

JP2_START = b"\0\0\0\x0cjP  \r\n\x87\n"


def encoded(form: str, mode: str = "L", size: tuple[int, int] = (37, 21), **options) -> bytes:
    """An image of 37 columns and 21 rows as Pillow writes it."""
    shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], 3)
    pixels = np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">HH", marker, len(content) + 2) + content


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3)])
@pytest.mark.parametrize(("progressive", "kind"), [(False, 0xFFC0), (True, 0xFFC2)])
def test_a_jpeg_of_pillow(mode, channels, progressive, kind):
    """Baseline and progressive."""
    stream = encoded("JPEG", mode, progressive=progressive)
    assert declared_by_jpeg(stream) == Declared(21, 37, channels, kind, 8)


@pytest.mark.parametrize("kind", [0xFFC1, 0xFFC3, 0xFFC9, 0xFFCF, 0xFFF7])
def test_each_start_of_frame(kind):
    """Extended, lossless, arithmetic, JPEG-LS; behind a fill byte, a marker without length and a comment."""
    frame = segment(kind, struct.pack(">BHHB", 8, 4000, 3000, 1))
    between = b"\xff" + b"\xff\x01" + segment(0xFFFE, b"words") + segment(0xFFC4, b"tables")
    assert declared_by_jpeg(b"\xff\xd8" + between + frame) == Declared(4000, 3000, 1, kind, 8)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (b"\x89PNG", "no start of image"),
        (b"\xff\xd8", "ends in its header"),
        (b"\xff\xd8\xff\xda\0\x02\0\0", "no start of frame"),  # the scan begins before any frame
        (b"\xff\xd8\xff\xfe\0\x01\0\0", "no start of frame"),  # a length that would go backwards
        (b"\xff\xd8\x12\x34\0\x08\0\0", "no start of frame"),  # no marker
        (b"\xff\xd8\xff\xc0\0\x0b\x08\0", "ends in its header"),
        (b"\xff\xd8" + b"\xff\x01" * 5000, "no start of frame"),  # round for ever
    ],
)
def test_a_jpeg_without_a_frame(stream, message):
    """Says what it lacks, and ends."""
    with pytest.raises(ValueError, match=message):
        declared_by_jpeg(stream)


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3)])
@pytest.mark.parametrize("bare", [True, False])
def test_a_jpeg_2000_of_pillow(mode, channels, bare):
    """A bare codestream, and one in a JP2 file."""
    stream = encoded("JPEG2000", mode, size=(70, 50), no_jp2=bare)
    assert declared_by_jpeg_2000(stream) == Declared(50, 70, channels, bits=8)


def codestream(width=6, height=5, left=1, top=2, channels=2, tiles: tuple[bytes, ...] = ()) -> bytes:
    """SOC and SIZ, then what is given."""
    siz = struct.pack(">H8IH", 0, width, height, left, top, 0, 0, 0, 0, channels) + bytes(3 * channels)
    return b"\xff\x4f" + segment(0xFF51, siz) + b"".join(tiles)


def tile(length: int, content: bytes = b"") -> bytes:
    return segment(0xFF90, struct.pack(">HIBB", 0, length, 0, 1)) + content


def test_the_origin_counts():
    """The image area lies between its offset and the reference grid's end (A.5.1)."""
    assert declared_by_jpeg_2000(codestream(tiles=(tile(0),))) == Declared(3, 5, 2, bits=1)


@pytest.mark.parametrize(
    ("tiles", "good"),
    [
        ((tile(0),), True),  # the last may leave its length out
        ((tile(14, b"xx"), b"\xff\xd9"), True),
        ((tile(14, b"xx"), tile(12), b"\xff\xd9"), True),
        ((tile(14, b"xx"),), True),  # ends where the stream ends
        ((tile(99, b"xx"),), False),  # a tile that is cut
        ((), False),
    ],
)
def test_tiles_must_be_there(tiles, good):
    """Of a stream that is cut a decoder may make a black image."""
    if good:
        assert declared_by_jpeg_2000(codestream(tiles=tiles)).channels == 2
    else:
        with pytest.raises(ValueError, match="ends in its header"):
            declared_by_jpeg_2000(codestream(tiles=tiles))


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (b"\xff\xd8\xff\xe0", "no codestream"),
        (JP2_START + struct.pack(">I4s", 0, b"free"), "no codestream box"),
        (JP2_START + struct.pack(">I4s", 7, b"free"), "no codestream box"),
        (JP2_START + struct.pack(">I4s", 8, b"free") * 100, "no codestream box"),
        (JP2_START, "ends in its header"),
    ],
)
def test_boxes_that_lead_nowhere(stream, message):
    """None keeps the reader at its place for ever."""
    with pytest.raises(ValueError, match=message):
        declared_by_jpeg_2000(stream)


def test_a_long_box():
    """Length 1 says that eight more bytes hold it."""
    box = struct.pack(">I4sQ", 1, b"jp2c", 0) + codestream(tiles=(tile(0),))
    assert declared_by_jpeg_2000(JP2_START + box) == Declared(3, 5, 2, bits=1)


@pytest.mark.parametrize(
    ("declared", "least"),
    [
        (Declared(64, 64, 1, 0xFFC0), 8),  # 64 blocks, a bit each
        (Declared(65, 64, 1, 0xFFC2), 9),  # a row of blocks more
        (Declared(64, 57, 1, 0xFFC1), 8),  # the last block is begun
        (Declared(64, 64, 1, 0xFFC3), 0),  # lossless has no blocks
        (Declared(64, 64, 1), 0),
    ],
)
def test_what_huffman_coding_needs(declared, least):
    """One bit for each block of 8 x 8, and nothing is known of other codings."""
    assert least_bytes(declared) == least
