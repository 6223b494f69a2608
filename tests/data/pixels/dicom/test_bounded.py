"""A stream of bounded length: as a file until the bound, then one line."""

import io

import pytest

from cxrtk import CxrReadError
from cxrtk.data.pixels.dicom.bounded import Bounded


def bounded(content: bytes = b"0123456789", **bounds: int) -> Bounded:
    return Bounded(io.BytesIO(content), "a.dcm", **bounds)


def test_it_reads_as_a_file_does():
    """In pieces, from where it stands, and fewer bytes at the end."""
    stream = bounded()
    assert (stream.read(3), stream.tell()) == (b"012", 3)
    assert stream.seek(-2, io.SEEK_END) == 8
    assert (stream.read(5), stream.read(5), stream.read()) == (b"89", b"", b"")
    stream.seek(1)
    assert stream.read() == b"123456789"


def test_it_begins_where_the_stream_stands():
    """To look for the end moves nothing."""
    inner = io.BytesIO(b"0123456789")
    inner.seek(4)
    assert Bounded(inner, "a.dcm").read(2) == b"45"


def test_what_a_file_claims_is_no_reason_to_stop():
    """A read of a gigabyte from ten bytes costs ten."""
    assert bounded(most=10).read(2**30) == b"0123456789"


@pytest.mark.parametrize("bounds", [{"most": 9}, {"reads": 2}])
def test_past_its_bounds_it_stops(bounds):
    """Of all bytes together, or of reads, and names the file."""
    stream = bounded(**bounds)
    assert (stream.read(4), stream.read(5)) == (b"0123", b"45678")
    with pytest.raises(CxrReadError, match=r"a\.dcm: has a header that is too large") as caught:
        stream.read(1)
    assert caught.value.code == "too_large"


def test_the_bounds_themselves_are_within():
    """Ten bytes in three reads."""
    stream = bounded(most=10, reads=3)
    assert stream.read(4) + stream.read(4) + stream.read(4) == b"0123456789"
