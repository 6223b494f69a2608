"""PNG and JPEG files made in memory: by hand from the specification, and by Pillow."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pixel_makers import adam7

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
