"""Multipart messages: one object, whole, and no more bytes than are allowed."""

import io

import pytest

from cxrtk.dicomweb.parts import message_of, save_part
from cxrtk.errors import RemoteError
from tests.dicomweb.fake import BOUNDARY, PARTS, part

# Content that looks like the end of a part, or like a boundary.
HARD = b"\r\n--fak\r\n--\r\n\r\n--fake_\n--fake--\r\n" * 3 + bytes(range(256)) + b"\r\n"


def saved(pieces, kind=PARTS, most=10_000):
    """What is written of an answer."""
    file = io.BytesIO()
    save_part(kind, pieces, file, most=most, server="SERVER")
    return file.getvalue()


@pytest.mark.parametrize("size", [1, 2, 7, 100_000])
@pytest.mark.parametrize("content", [b"", b"abc", HARD.replace(b"--fake", b"--fak-")])
def test_an_object_in_pieces_of_any_size(size, content):
    """Its bytes, wherever the pieces are cut."""
    body = part(content).body
    assert saved([body[at : at + size] for at in range(0, len(body), size)]) == content


@pytest.mark.parametrize("content", [b"abc", HARD, b""])
def test_what_is_written_can_be_read(content):
    """A message of ours, read by the same standard."""
    kind, body = message_of(content)
    assert saved([body], kind) == content


def test_every_truncation_is_seen():
    """A message that ends anywhere before its last boundary is not taken for a whole one."""
    body = part(b"abc\r\n--fak").body
    for end in range(len(body) - 4):  # the last four are the hyphens and the line end after them
        with pytest.raises(RemoteError, match="too early") as error:
            saved([body[:end]])
        assert error.value.again


def test_an_object_without_parts():
    """Some servers send it as it is."""
    assert saved([b"ab", b"c"], "application/dicom; transfer-syntax=1.2") == b"abc"


@pytest.mark.parametrize(
    "kind", ["", "text/html", "application/json", "multipart/related", 'multipart/related; boundary=""']
)
def test_another_type(kind):
    """A page of a log-in, say."""
    with pytest.raises(RemoteError, match="not with DICOM"):
        saved([part(b"abc").body], kind)


def test_damage():
    """A boundary that is none."""
    with pytest.raises(RemoteError, match="damaged"):
        saved([b"<html>" * 10])


def test_two_objects_where_one_was_asked_for():
    one = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\nabc\r\n".encode()
    with pytest.raises(RemoteError, match="sends 2 objects"):
        saved([one + one + f"--{BOUNDARY}--".encode()])


def test_none_where_one_was_asked_for():
    with pytest.raises(RemoteError, match="sends 0 objects"):
        saved([f"--{BOUNDARY}--\r\n".encode()])


@pytest.mark.parametrize("kind", [PARTS, "application/dicom"])
def test_too_many_bytes(kind):
    """The limit is one of the object."""
    body = part(b"abcd").body if kind == PARTS else b"abcd"
    assert saved([body], kind, most=4) == b"abcd"
    with pytest.raises(RemoteError, match="more than 3 bytes"):
        saved([body], kind, most=3)


def test_what_follows_the_end_is_not_read():
    """A server that does not stop."""

    def endless():
        yield part(b"abc").body
        pytest.fail("more was asked for")

    assert saved(endless()) == b"abc"
