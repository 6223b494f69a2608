"""Names of files in what a check prints: below the data set's folder, and never above it."""

from pathlib import Path

import pytest

from cxrtk.data.check.naming import Names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/set/images/a.png", "images/a.png"),
        ("/data/set", "."),
        ("/data/sets/a.png", "a.png"),  # beside it, though its name begins so
        ("/data/a.png", "a.png"),
    ],
)
def test_of_one_file(path, name):
    """Its path below the folder; of a file elsewhere the name alone, as folders may name people."""
    assert Names("/data/set").of(path) == name == Names(Path("/data/set")).of(Path(path))


def test_of_a_relative_folder(tmp_path, monkeypatch):
    """A path is named alike however the folder was given."""
    monkeypatch.chdir(tmp_path)
    for root in ("set", "./set", tmp_path / "set"):
        assert Names(root).of("set/a.png") == Names(root).of(tmp_path / "set" / "a.png") == "a.png"


def test_a_link_to_the_folder(tmp_path):
    """Both its own path and where it leads are shortened in a message."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    names = Names(tmp_path / "link")
    assert names.within(f"{tmp_path}/real/a.png and {tmp_path}/link/b.png") == "a.png and b.png"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/data/set/a.png: cut; /data/set/b.png: gone", "a.png: cut; b.png: gone"),
        ("/data/set: no image", "set: no image"),
        ("/data/sets/a.png", "/data/sets/a.png"),
        ("/old/data/set/a.png", "/old/data/set/a.png"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_within_a_message(text, said):
    """Each path where one begins, and no other."""
    assert Names("/data/set").within(text) == said
