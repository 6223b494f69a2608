"""Files are written whole or not at all."""

import pytest

from cxrtk.data.atomic import replacing


def test_success_replaces(tmp_path):
    """After the block the file holds the new content, under its own name only."""
    target = tmp_path / "new" / "a.png"
    for content in (b"first", b"second"):
        with replacing(target) as part:
            assert part.suffix == ".png" and part.parent == target.parent
            part.write_bytes(content)
        assert target.read_bytes() == content
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("written", [b"", b"half"])
def test_failure_leaves_what_was(tmp_path, written):
    """An error within the block leaves the old file and no other."""
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as part:
        part.write_bytes(written)
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_written_is_an_error(tmp_path):
    """A block that writes no file does not pass for one that did."""
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.png"):
        pass
