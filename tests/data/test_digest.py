"""SHA-256 of files."""

import io

import pytest

from cxrtk.data.digest import BLOCK, sha256, sha256_of

# FIPS 180-2, appendix B: "abc", and a million times "a"; the empty message is of NIST's example values.
KNOWN = {
    b"": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    b"a" * 1_000_000: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
}


@pytest.mark.parametrize("content", KNOWN, ids=len)
def test_the_standards_examples(tmp_path, content):
    """A file has the digest of its bytes."""
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == KNOWN[content]


def test_more_than_a_block(tmp_path):
    """Two files that differ in the last byte of their second block have different digests."""
    for last in (b"x", b"y"):
        (tmp_path / last.decode()).write_bytes(bytes(2 * BLOCK - 1) + last)
    assert sha256(tmp_path / "x") != sha256(tmp_path / "y")


def test_an_open_file_is_read_from_where_it_stands():
    """To its end."""
    file = io.BytesIO(b"xyzabc")
    file.seek(3)
    assert sha256_of(file) == KNOWN[b"abc"]
