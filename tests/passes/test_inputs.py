"""What `-i` may name."""

from pathlib import Path

import pytest

from cxrtk import ConfigError
from cxrtk.passes import inputs_of


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Folders x, y and z/x, files a.png and b.png."""
    monkeypatch.chdir(tmp_path)
    for folder in ("x", "y", "z/x"):
        Path(folder).mkdir(parents=True)
    for file in ("a.png", "b.png", "x/c.png"):
        Path(file).write_bytes(b"1")


def found(*words):
    return [(each.root, each.below) for each in inputs_of(words)]


def test_one_input_is_mirrored_as_it_is(places):
    """A folder or a file alone gets no folder of its name."""
    assert found("x") == [("x", "")] and found("a.png") == [("a.png", "")]


def test_folders_among_several_go_by_their_names(places):
    """Consecutive files are read by one reader."""
    assert found("x", "y") == [("x", "x"), ("y", "y")]
    assert found("a.png", "b.png", "x") == [(["a.png", "b.png"], ""), ("x", "x")]


def test_a_list_names_one_input_a_line(places):
    """Empty lines are passed over, names may have spaces, Windows' line ends do no harm."""
    Path("list.txt").write_bytes(b"a.png\r\n\nx\n")
    assert found("@list.txt") == [("a.png", ""), ("x", "x")]
    assert found("@list.txt", "b.png")[-1] == ("b.png", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No images"),
        ([""], "is empty"),
        (["x", "x/../x"], "twice"),
        (["a.png", "./a.png"], "twice"),
        (["x", "z/x"], "Two inputs are called 'x'"),
        (["@nowhere.txt"], "cannot be read"),
        (["@empty.txt"], "names nothing"),
    ],
)
def test_mistakes(places, words, said):
    """Each is one line."""
    Path("empty.txt").write_text("\n")
    with pytest.raises(ConfigError, match=said):
        inputs_of(words)
