"""The licence of a model's weights: the file beside them, in the words of its first line."""

import pytest

from cxrtk.errors import CheckpointError
from cxrtk.models.licence import Licence, licence_of


@pytest.mark.parametrize(
    ("content", "terms"),
    [
        (b"CC BY 4.0\n=====\nmore\n", "CC BY 4.0"),
        (b"\xef\xbb\xbf\r\n  MIT License \r\n\r\nCopyright\r\n", "MIT License"),
        ("Forschung; nicht für Geräte".encode(), "Forschung; nicht für Geräte"),
    ],
)
def test_the_first_line_that_says_something(tmp_path, content, terms):
    """A byte-order mark, CRLF, blank lines before it and blanks round it do no harm."""
    (tmp_path / "ward.v2.LICENSE").write_bytes(content)
    assert licence_of(tmp_path / "ward.v2.safetensors") == Licence(terms, tmp_path / "ward.v2.LICENSE")


def test_none_beside_the_weights(tmp_path):
    """It says so; the licence of another model in the folder is not taken."""
    (tmp_path / "other.LICENSE").write_text("CC BY 4.0\n")
    (tmp_path / "LICENSE").write_text("CC BY 4.0\n")
    assert licence_of(tmp_path / "ward.safetensors") == Licence("none stated")


@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b" \n\n", "is empty"), (b"\xff", "UTF-8")])
def test_a_file_that_says_nothing(tmp_path, content, said):
    """Is an error of one line that names it, not taken for none."""
    (tmp_path / "ward.LICENSE").write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"ward\.LICENSE: .*{said}") as caught:
        licence_of(tmp_path / "ward.safetensors")
    assert "\n" not in str(caught.value)
