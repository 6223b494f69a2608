"""Raw samples: byte order, range and polarity by hand, and files that are something else."""

import struct

import pytest

from cxrtk import CxrReadError, pixels

# 8 x 9 samples of 12 bits; 0x0102 tells the byte orders apart.
SAMPLES = [0, 4095, 0x0102, 1, *range(100, 168)]
SHAPE = {"height": 8, "width": 9}


@pytest.mark.parametrize("big_endian", [True, False])
def test_samples_by_hand(tmp_path, big_endian):
    """Each sample is divided by 4095, in either byte order; rows come one after the other."""
    path = tmp_path / "a.img"
    path.write_bytes(struct.pack(f"{'>' if big_endian else '<'}72H", *SAMPLES))
    radiograph = pixels.read_raw(path, **SHAPE, bits=12, big_endian=big_endian)
    assert radiograph.pixels.shape == (8, 9)
    assert radiograph.pixels.ravel().tolist() == pytest.approx([v / 4095 for v in SAMPLES])
    assert radiograph.pixels[1, 0] == pytest.approx(105 / 4095)  # the tenth sample begins the second row
    assert (radiograph.spacing_mm, radiograph.meta["polarity"]) == (None, "as stored")


def test_inverted(tmp_path):
    """Where large samples are dark, 0 becomes 1 and the largest of the declared range 0."""
    path = tmp_path / "a.img"
    path.write_bytes(struct.pack(">72H", *SAMPLES))
    radiograph = pixels.read_raw(path, **SHAPE, bits=12, inverted=True)
    assert radiograph.pixels.ravel()[:3].tolist() == pytest.approx([1.0, 0.0, (4095 - 258) / 4095])
    assert radiograph.meta["polarity"] == "inverted"


def test_all_sixteen_bits(tmp_path):
    """A range of 16 bits does not overflow."""
    path = tmp_path / "a.img"
    path.write_bytes(struct.pack(">72H", 0, 65535, *range(70)))
    assert pixels.read_raw(path, **SHAPE, bits=16, inverted=True).pixels.ravel()[:2].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("data", "message", "code"),
    [
        (b"", "empty file", "empty"),
        (b"\0" * 143, "143 bytes where 9 x 8 samples of 16 bits are 144", "truncated"),
        (b"\0" * 1000, "1000 bytes", "damaged"),
        (
            struct.pack("<72H", *SAMPLES),
            "up to 65295, above the 4095 of 12 bits; check .* big-endian",
            "values",
        ),
    ],
)
def test_what_is_no_such_file(tmp_path, data, message, code):
    """Another size or byte order is an error that names the file, never another picture."""
    path = tmp_path / "a.img"
    path.write_bytes(data)
    with pytest.raises(CxrReadError, match=f"a.img: .*{message}") as raised:
        pixels.read_raw(path, **SHAPE, bits=12)
    assert raised.value.code == code
