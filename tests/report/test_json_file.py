"""JSON files of a result: an object, or one line that names the file."""

import pytest

from cxrtk import DataError
from cxrtk.report.json_file import read_object


def test_an_object(tmp_path):
    """Read as UTF-8."""
    (tmp_path / "a.json").write_text('{"a": "图"}', encoding="utf-8")
    assert read_object(tmp_path / "a.json") == {"a": "图"}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'"text"', b"null", b"\xff\xfe{}"])
def test_what_is_none(tmp_path, content):
    """Empty, cut, of another kind, or no text."""
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.json: (cannot be read|holds no JSON object)"):
        read_object(tmp_path / "a.json")


def test_a_missing_file(tmp_path):
    """It is named."""
    with pytest.raises(DataError, match=r"a\.json: cannot be read"):
        read_object(tmp_path / "a.json")
