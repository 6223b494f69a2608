"""Which first bytes are DICOM's, whatever the file's name."""

import os

import pytest

from cxrtk import CxrReadError
from cxrtk.data.pixels.dicom.files import is_dicom, looks_like_dicom


def element(group: int, number: int, rest: bytes, order: str = "little") -> bytes:
    return group.to_bytes(2, order) + number.to_bytes(2, order) + rest


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (bytes(128) + b"DICM", True),
        (b"\x89PNG".ljust(128) + b"DICM", True),  # PS3.10: anything may stand before it
        (bytes(127) + b"DICM", False),
        (bytes(128) + b"DICN", False),
        # without the preamble: a first element of group 2 or 8
        (element(8, 5, b"CS\x0a\0ISO_IR"), True),
        (element(2, 0, b"UL\x04\0\0\0\0\0"), True),
        (element(8, 5, (10).to_bytes(4, "little")), True),  # implicit: four bytes of length
        (element(8, 5, (1024).to_bytes(4, "little")), True),
        (element(8, 5, (1025).to_bytes(4, "little")), False),
        (element(8, 5, bytes(4)), False),
        (element(8, 0x100, b"CS\x0a\0"), True),
        (element(8, 0x101, b"CS\x0a\0"), False),
        (element(9, 5, b"CS\x0a\0"), False),
        (element(8, 5, b"XX\xff\xff"), False),
        (element(8, 5, b"CS\0\x0a", "big"), True),
        (element(8, 5, (10).to_bytes(4, "big"), "big"), False),  # implicit is little endian only
        (element(8, 5, b"CS\x0a"), False),  # seven bytes
        (b"GIF89a" + bytes(20), False),
        (b"", False),
        (b"plain text, long enough to be one", False),
    ],
)
def test_the_first_bytes_decide(head, expected):
    """The prefix, or an element that a data set can begin with."""
    assert looks_like_dicom(head) is expected


def test_the_name_does_not_count(tmp_path):
    """A text called .dcm is none, a DICOM file called .png is one."""
    (tmp_path / "a.dcm").write_text("not an image")
    (tmp_path / "a.png").write_bytes(bytes(128) + b"DICM")
    assert not is_dicom(tmp_path / "a.dcm") and is_dicom(str(tmp_path / "a.png"))


def test_what_is_no_file_is_none(tmp_path):
    """A folder, an empty file, and a pipe, which would be waited for."""
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    assert not any(is_dicom(path) for path in (tmp_path, tmp_path / "empty", tmp_path / "pipe"))


def test_a_missing_file_is_named(tmp_path):
    """As by any reader."""
    with pytest.raises(CxrReadError, match="nowhere"):
        is_dicom(tmp_path / "nowhere.dcm")
