"""Stored bits that contradict the samples, and samples with other things in the bits beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pixel_makers import BIG, IMPLICIT, J2K, RLE, compressed, encode

from cxrtk.data.pixels.dicom import read_dicom

Write = Callable[..., Path]
ROWS, COLUMNS = np.mgrid[:96, :80]
SMOOTH = (9000 + 6000 * np.sin(ROWS / 15) * np.cos(COLUMNS / 11)).astype(np.uint16)  # up to 15,000: 14 bits
TWELVE = SMOOTH // 4
STATED = {"BitsStored": 12, "HighBit": 11}


@pytest.mark.parametrize("syntax", [None, IMPLICIT, BIG])
def test_samples_beyond_the_stored_bits_are_kept(write: Write, syntax: str | None) -> None:
    """Nothing wraps: the allocated bits are taken, with a warning and a flag that name the attribute."""
    more = {} if syntax is None else {"syntax": syntax}
    if syntax == BIG:
        more["PixelData"] = SMOOTH.byteswap().tobytes()
    radiograph = read_dicom(write(SMOOTH, **STATED, **more))
    assert np.allclose(radiograph.pixels, SMOOTH / 65535, rtol=0, atol=1e-7)
    assert "(0028,0101) BitsStored = 12 contradicts" in radiograph.meta["flags"]["bits_contradiction"]
    assert any("BitsStored = 12" in said for said in radiograph.meta["warnings"])


def test_samples_beyond_the_stored_bits_in_rle(write: Write) -> None:
    """RLE is no codec with bits of its own."""
    radiograph = read_dicom(compressed(write(SMOOTH, **STATED), RLE))
    assert np.allclose(radiograph.pixels, SMOOTH / 65535, rtol=0, atol=1e-7)
    assert "bits_contradiction" in radiograph.meta["flags"]


def test_signed_samples_beyond_the_stored_bits(write: Write) -> None:
    """Two's complement of the allocated bits."""
    signed = SMOOTH.astype(np.int16) - 9000
    radiograph = read_dicom(write(signed, **STATED))
    assert np.allclose(radiograph.pixels, (signed + 32768.0) / 65535, rtol=0, atol=1e-7)


def test_many_decoded_samples_beyond_the_stored_bits(write: Write) -> None:
    """A codestream of more bits than stated is not clipped to white."""
    frame = encode(SMOOTH, "JPEG2000", irreversible=False)
    radiograph = read_dicom(write(SMOOTH, J2K, frame, **STATED))
    assert np.allclose(radiograph.pixels, SMOOTH / 65535, rtol=0, atol=1e-7)
    assert "codestream, which has 16 bits" in radiograph.meta["flags"]["bits_contradiction"]


@pytest.mark.parametrize(("syntax", "form", "options"), [(J2K, "JPEG2000", {"irreversible": False})])
def test_a_codestream_of_fewer_bits(write: Write, syntax: str, form: str, options: dict) -> None:
    """Its own bits are the range: eight bits in a header of twelve are no dark picture."""
    eight = (SMOOTH // 64).astype(np.uint8)
    frame = encode(eight, form, **options)
    radiograph = read_dicom(write(eight.astype(np.uint16), syntax, frame, **STATED))
    assert np.allclose(radiograph.pixels, eight / 255, rtol=0, atol=1e-7)
    assert "codestream, which has 8 bits" in radiograph.meta["flags"]["bits_contradiction"]


def test_a_high_bit_above_the_samples(write: Write) -> None:
    """Taken at its word, it would cut off the lower bits of samples that need them."""
    radiograph = read_dicom(write(TWELVE, BitsStored=12, HighBit=15))
    assert np.allclose(radiograph.pixels, TWELVE / 4095, rtol=0, atol=1e-7)
    assert "(0028,0102) HighBit = 15 contradicts" in radiograph.meta["flags"]["bits_contradiction"]


NOISE = np.random.default_rng(0).integers(0, 16, TWELVE.shape).astype(np.uint16)
JUNK = {
    "nothing": TWELVE,
    "ones": TWELVE | 0xF000,
    "noise": TWELVE | NOISE << 12,
    "an overlay": TWELVE | ((ROWS // 20) % 2).astype(np.uint16) << 12,
    "text": TWELVE | (np.hypot(ROWS - 40, COLUMNS - 40) < 20).astype(np.uint16) << 15,
}


@pytest.mark.parametrize("junk", JUNK)
def test_junk_beside_the_stored_bits_is_cut_off(write: Write, junk: str) -> None:
    """It may be anything and contradicts nothing."""
    radiograph = read_dicom(write(JUNK[junk], **STATED))
    assert np.allclose(radiograph.pixels, TWELVE / 4095, rtol=0, atol=1e-7)
    assert "bits_contradiction" not in radiograph.meta["flags"] and radiograph.meta["warnings"] == []


@pytest.mark.parametrize("mask", [0xFFFF, 0x0FFF])
def test_signs_beside_the_stored_bits(write: Write, mask: int) -> None:
    """Signed numbers of 12 bits, with their sign repeated or not."""
    signed = ((TWELVE.astype(np.int32) - 2048) & mask).astype(np.uint16).view(np.int16)
    radiograph = read_dicom(write(signed, **STATED))
    assert np.allclose(radiograph.pixels, TWELVE / 4095, rtol=0, atol=1e-7)
    assert "bits_contradiction" not in radiograph.meta["flags"]


def test_overshoot_is_no_contradiction(write: Write) -> None:
    """A few samples beyond the bits are clipped, with the warning as before."""
    image = TWELVE.copy()
    image[0, :20] = 5000
    radiograph = read_dicom(write(image, J2K, encode(image, "JPEG2000", irreversible=False), **STATED))
    assert radiograph.pixels[0, 0] == 1 and "clipped" in radiograph.meta["warnings"][0]
    assert "bits_contradiction" not in radiograph.meta["flags"]


def test_both_sizes_are_named(write: Write) -> None:
    """Where header and codestream differ."""
    from cxrtk.errors import CxrReadError

    path = write(TWELVE, J2K, encode(TWELVE[:50, :70], "JPEG2000"), **STATED)
    with pytest.raises(CxrReadError, match=r"70 x 50 pixels.*80 x 96 pixels"):
        read_dicom(path)
