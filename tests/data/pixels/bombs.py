"""Files that claim or unfold to far more than they are, in all formats that are read."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from pixel_makers import (
    DEFLATED,
    GREY,
    RAMP,
    RLE,
    chunk,
    dicom,
    encode,
    put,
)  # fmt: skip


def zeros(count: int, wbits: int = zlib.MAX_WBITS, before: bytes = b"") -> bytes:
    """`before` and `count` zero bytes, compressed; of the zeros one part is packed and repeated."""
    pack = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    first = pack.compress(before) + pack.flush(zlib.Z_FULL_FLUSH)
    part = pack.compress(bytes(10**6)) + pack.flush(zlib.Z_FULL_FLUSH)
    parts = count // 10**6
    body = first + part * parts + pack.compress(bytes(count % 10**6)) + pack.flush()
    if wbits < 0:
        return body
    check = zlib.adler32 if wbits == zlib.MAX_WBITS else zlib.crc32
    total = check(before)
    for _ in range(parts):
        total = check(bytes(10**6), total)
    total = check(bytes(count % 10**6), total)
    if wbits == zlib.MAX_WBITS:
        return b"\x78\xda" + body + struct.pack(">I", total)
    return b"\x1f\x8b\x08" + bytes(6) + b"\x03" + body + struct.pack("<II", total, len(before) + count)


def element(group: int, number: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """An element in explicit little endian; `length` is what it claims."""
    size = len(value) if length is None else length
    if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
        return struct.pack("<HH2sHI", group, number, vr, 0, size) + value
    return struct.pack("<HH2sH", group, number, vr, size) + value


def with_elements(path: Path, extra: bytes, before: bytes = b"\x28\x00\x02\x00") -> Path:
    """A good file with more elements put in before (0028,0002)."""
    content = dicom(path).read_bytes()
    at = content.index(before, 132)
    return put(path, content[:at] + extra + content[at:])


def grown(path: Path, size: int, tail: bytes = b"") -> Path:
    """The file with `size` zero bytes more, which take no room on the disk, and `tail`."""
    os.truncate(path, path.stat().st_size + size)
    with path.open("ab") as file:
        file.write(tail)
    return path


def large_element(path: Path, size: int) -> Path:
    """A good file with an element of `size` bytes in its header."""
    content = dicom(path).read_bytes()
    at = content.index(b"\x28\x00\x02\x00", 132)
    put(path, content[:at] + element(0x21, 0x1001, b"OB", b"", size))
    return grown(path, size, content[at:])


def large_pixels(path: Path, size: int) -> Path:
    """A file whose pixel data are `size` bytes longer than they should be, and say so."""
    content = dicom(path).read_bytes()
    put(path, content[:-4804] + struct.pack("<I", 4800 + size) + content[-4800:])
    return grown(path, size)


def nested(depth: int) -> bytes:
    """Sequences of undefined length in one another, none of them ended."""
    start = element(0x0021, 0x1001, b"SQ", b"", 0xFFFFFFFF)
    return (start + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)) * depth


def many_items(count: int) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, 0) * count


def deflated(path: Path, extra: bytes, megabytes: int) -> Path:
    """A deflated file; behind `extra` that many megabytes of zeros unfold."""
    content = dicom(path, RAMP, DEFLATED).read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")  # behind the file meta group
    return put(path, content[:start] + zeros(megabytes * 10**6, -zlib.MAX_WBITS, extra))


def lying_rle(path: Path) -> Path:
    """Two segments whose runs unfold to 64 times their length, of an image that needs none of it."""
    segment = b"\x81\0" * 2_000_000
    header = struct.pack("<16I", 2, 64, 64 + len(segment), *[0] * 13)
    return dicom(path, RAMP, RLE, header + segment * 2)


def lying_j2k(width: int, height: int) -> bytes:
    """A JPEG 2000 stream whose size was changed."""
    content = bytearray(encode(RAMP, "JPEG2000", no_jp2=True))
    struct.pack_into(">II", content, 8, width, height)
    struct.pack_into(">II", content, 24, width, height)
    return bytes(content)


def lying_jpeg(width: int, height: int) -> bytes:
    content = bytearray(encode(GREY, "JPEG"))
    struct.pack_into(">HH", content, content.index(b"\xff\xc0") + 5, height, width)
    return bytes(content)


def lying_gif(width: int, height: int) -> bytes:
    content = bytearray(encode((GREY > 99).astype(np.uint8), "GIF"))
    struct.pack_into("<HH", content, 6, width, height)
    at = content.index(b"\x2c")
    struct.pack_into("<HH", content, at + 5, width, height)
    return bytes(content)


def many_frames(path: Path) -> Path:
    frames = [Image.fromarray(np.full((64, 48), number % 2, np.uint8)) for number in range(3000)]
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=1, optimize=False)
    return path


def nifti(shape: tuple[int, ...], values: bytes, packed: bool = False, kind: int = 2) -> bytes:
    """A NIfTI-1 file of uint8 values, as the format's definition lays it out."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, len(shape), *shape, *[1] * (7 - len(shape)))
    struct.pack_into("<2h", header, 70, kind, 8)
    struct.pack_into("<8f", header, 76, *[1] * 8)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    header[344:348] = b"n+1\0"
    return zeros(len(values), 31, bytes(header)) if packed else bytes(header) + values


def lying_nifti(offset: float, unfolded: int = 0) -> bytes:
    """A NIfTI file whose values begin at `offset`, plain or with so many bytes behind its header in gzip."""
    content = bytearray(nifti((64, 64), bytes(64 * 64)))
    struct.pack_into("<f", content, 108, offset)
    return zeros(unfolded, 31, bytes(content)) if unfolded else bytes(content)


def extended_nifti(count: int) -> bytes:
    """A NIfTI file with so many extensions of 16 bytes."""
    content = bytearray(nifti((64, 64), b""))
    content[348] = 1
    struct.pack_into("<f", content, 108, 352 + 16 * count)
    return bytes(content) + struct.pack("<ii8x", 16, 6) * count + bytes(64 * 64)


def double_nifti(side: int) -> bytes:
    """A NIfTI file of doubles that are all zero, in gzip."""
    content = bytearray(nifti((side, side), b""))
    struct.pack_into("<2h", content, 70, 64, 64)
    return zeros(side * side * 8, 31, bytes(content))


def colour_png(kind: int, channels: int, bits: int, side: int = 3464) -> bytes:
    """A PNG of nothing, of just less than 12 million pixels with many channels."""
    header = struct.pack(">IIBBBBB", side, side, bits, kind, 0, 0, 0)
    rows = zeros(side * (1 + side * channels * bits // 8))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def many_scans(scans: int, side: int = 3000) -> bytes:
    """A progressive JPEG with the same refinement again and again; each costs libjpeg all blocks."""
    content = encode(np.zeros((side, side), np.uint8), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * scans + content[-2:]


def behind_start(extra: bytes) -> bytes:
    """A JPEG with more behind its start of image."""
    content = encode(GREY, "JPEG")
    return content[:2] + extra + content[2:]


def many_precincts(image: np.ndarray) -> bytes:
    """A JPEG 2000 stream whose coding style claims precincts of 2 x 2 samples."""
    content = encode(image, "JPEG2000", no_jp2=True)
    at = content.index(b"\xff\x52")
    (length,) = struct.unpack_from(">H", content, at + 2)
    style = bytearray(content[at + 4 : at + 2 + length])
    style[0] |= 1
    style += b"\x11" * (style[5] + 1)
    return content[: at + 2] + struct.pack(">H", len(style) + 2) + bytes(style) + content[at + 2 + length :]


def many_tags(count: int) -> bytes:
    """EXIF data with so many tags whose values lie behind their end."""
    tags = b"".join(struct.pack("<HHII", number + 1, 2, 700_000, 8) for number in range(count))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + tags


def large_file(path: Path) -> Path:
    """Two gigabytes that lie on no disk."""
    put(path, encode(GREY))
    os.truncate(path, 2 * 2**30)
    return path


def blank(mode: str, side: int, kind: str, **options: str) -> bytes:
    """A picture of nothing in that format."""
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, kind, **options)
    return file.getvalue()


def lying_bmp(width: int, height: int, packed: bool = False) -> bytes:
    """A BMP whose size was changed, of runs of nothing where it says that it is packed."""
    content = bytearray(encode(GREY, "BMP"))
    struct.pack_into("<ii", content, 18, width, height)
    struct.pack_into("<I", content, 30, int(packed))
    return bytes(content) + b"\x01\0" * 500_000 * packed


def lying_tiff(tag: int, value: int, count: int = 1) -> bytes:
    """A TIFF of which one entry was changed to a value, or to a count of values, of 4 bytes."""
    content = bytearray(encode(GREY, "TIFF"))
    (at,) = struct.unpack_from("<I", content, 4)
    while struct.unpack_from("<H", content, at + 2)[0] != tag:
        at += 12
    struct.pack_into("<HII", content, at + 4, 4, count, value)
    return bytes(content)


def tiff_of_pages(count: int) -> bytes:
    """A TIFF whose directories lead from one to the next, and at last to the first."""
    content = bytearray(encode(GREY, "TIFF"))
    (at,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, at)
    end = at + 2 + 12 * entries
    directory = bytes(content[at:end])
    place = len(content)
    struct.pack_into("<I", content, end, place)
    for number in range(count):
        follows = place + (number + 1) * (len(directory) + 4) if number + 1 < count else at
        content += directory + struct.pack("<I", follows)
    return bytes(content)


def lying_seg(**values: object) -> Callable[[Path], Path]:
    """A DICOM segmentation without frames, whose header says something else."""

    def make(path: Path) -> Path:
        seg = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4", "SegmentationType": "BINARY", "Modality": "SEG"}
        return dicom(path, RAMP, **{**seg, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, **values})

    return make
