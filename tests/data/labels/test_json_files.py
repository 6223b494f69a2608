"""JSON within bounds; how much it may cost is in tests/data/pixels/test_limits.py."""

from pathlib import Path

import pytest

from cxrtk import CxrReadError
from cxrtk.data.labels.json_files import MOST_VALUES, entries, looks_like_json, read_json


def put(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "is_json"),
    [
        (b'{"a": 1}', True),
        (b'\xef\xbb\xbf \n[ {"a": 1}]', True),
        (b"{}", True),
        (b"[1, 2]", False),
        (b"{rtf1}", False),
        (b"\x89PNG\r\n", False),
    ],
)
def test_by_the_first_bytes(tmp_path: Path, content: bytes, is_json: bool) -> None:
    """An editor's file is an object, or a list of objects."""
    assert looks_like_json(put(tmp_path, content)) is is_json


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"a": 1', "damaged"),
        (b'{"a": NaN}', "damaged"),
        (b'{"a": -Infinity}', "damaged"),
        (b"\xff\xfe{", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"[" + b"0," * MOST_VALUES + b"0]", "too_large"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    """One line with the file, and no word of its content."""
    with pytest.raises(CxrReadError) as caught:
        read_json(put(tmp_path, content))
    assert caught.value.code == code and str(caught.value).startswith(str(tmp_path / "a.json"))


def test_entries() -> None:
    """Lists of objects are returned, other values named."""
    assert entries("a.json", [{"a": 1}], "images") == [{"a": 1}]
    for value in ({"a": 1}, [1], None):
        with pytest.raises(CxrReadError, match="images is not a list of objects"):
            entries("a.json", value, "images")
