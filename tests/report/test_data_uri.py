"""A file's bytes in an address."""

import urllib.request

import pytest

from cxrtk.report.data_uri import data_uri


@pytest.mark.parametrize("content", [b"", b"<svg/>", bytes(range(256))])
def test_a_client_reads_the_bytes_back(content):
    """Python's own handler of `data:` addresses gives them and their type."""
    with urllib.request.urlopen(data_uri(content, "image/png")) as answer:
        assert answer.read() == content and answer.headers.get_content_type() == "image/png"
