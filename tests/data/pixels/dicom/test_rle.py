"""RLE Lossless against pydicom's encoder, and by hand after PS3.5 annex G."""

import struct

import numpy as np
import pytest
from pydicom.pixels.encoders import RLELosslessEncoder

from cxrtk.data.pixels.dicom.rle import decode_rle


def frame(*segments: bytes, count: int | None = None, offsets: list[int] | None = None) -> bytes:
    """A header of 64 bytes (how many segments, where each begins) and the segments."""
    places = offsets or [64 + sum(map(len, segments[:number])) for number in range(len(segments))]
    header = struct.pack(
        "<16I", len(segments) if count is None else count, *places, *[0] * (15 - len(places))
    )
    return header + b"".join(segments)


@pytest.mark.parametrize(("shape", "bits"), [((5, 7), 8), ((5, 7), 16), ((4, 6, 3), 8), ((1, 300), 16)])
def test_what_pydicom_encodes_comes_back(shape, bits):
    """Noise and runs, of one and three samples a pixel."""
    rng = np.random.default_rng(0)
    image = rng.integers(2**bits, size=shape).astype(np.uint8 if bits == 8 else np.uint16)
    image[: shape[0] // 2 + 1] = image[0, 0]
    samples = shape[2] if len(shape) == 3 else 1
    packed = RLELosslessEncoder.encode(
        image, rows=shape[0], columns=shape[1], samples_per_pixel=samples, bits_allocated=bits,
        bits_stored=bits, pixel_representation=0, planar_configuration=0, number_of_frames=1,
        photometric_interpretation="RGB" if samples == 3 else "MONOCHROME2", encoding_plugin="pydicom",
    )  # fmt: skip
    found = decode_rle(packed, *shape[:2], samples, bits)
    assert found.dtype == image.dtype and np.array_equal(found, image)


@pytest.mark.parametrize(
    ("segment", "pixels"),
    [
        (bytes([3, 1, 2, 3, 4]), [1, 2, 3, 4]),  # n = 3: the next four as they are
        (bytes([253, 9]), [9, 9, 9, 9]),  # n = 253: the next one four times
        (bytes([128, 253, 9]), [9, 9, 9, 9]),  # 128 says nothing
        (bytes([0, 1, 254, 2]), [1, 2, 2, 2]),
        (bytes([127, *range(128)]), [0, 1, 2, 3]),  # the rest is behind the image
        (bytes([129, 7]), [7, 7, 7, 7]),  # 128 times
    ],
)
def test_runs_by_hand(segment, pixels):
    """Section G.3.2."""
    assert decode_rle(frame(segment), 2, 2, 1, 8).ravel().tolist() == pixels


def test_the_high_byte_comes_first():
    """Section G.2: of 16 bits two segments."""
    assert decode_rle(frame(bytes([253, 1]), bytes([253, 2])), 2, 2, 1, 16).tolist() == [[258, 258]] * 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bytes(63), "no header"),
        (frame(bytes([253, 9]), count=2), "2 segments, not 1"),
        (frame(bytes([253, 9]), count=0), "0 segments, not 1"),
        (frame(bytes([254, 9])), "3 of 4 bytes"),
        (frame(bytes([128])), "0 of 4 bytes"),
        (frame(bytes([253, 9]), offsets=[63]), "out of order"),
        (frame(bytes([253, 9]), offsets=[67]), "out of order"),
    ],
)
def test_what_is_no_such_image_is_refused(data, message):
    """Each with what is wrong; nothing is filled up."""
    with pytest.raises(ValueError, match=message):
        decode_rle(data, 2, 2, 1, 8)


def test_segments_that_go_backwards_are_refused():
    """The second begins before the first."""
    data = frame(bytes([253, 1]), bytes([253, 2]), offsets=[66, 64])
    with pytest.raises(ValueError, match="out of order"):
        decode_rle(data, 2, 2, 1, 16)


def test_a_bomb_is_not_unpacked():
    """A segment of a hundred thousand runs for an image of four pixels gives four."""
    assert decode_rle(frame(bytes([129, 5]) * 100_000), 2, 2, 1, 8).tolist() == [[5, 5], [5, 5]]
