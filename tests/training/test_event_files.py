"""The order in which TensorBoard reads a folder's event files."""

import pytest

from cxrtk.training.event_files import make_way

NOW = 1_700_000_000


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr("time.time", lambda: NOW + 0.5)


def name(second: int, rest: str) -> str:
    return f"events.out.tfevents.{second:010d}.host.{rest}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([(NOW - 9, "9.0")], [(NOW - 9, "9.0")]),
        ([(NOW - 1, "9.0")], [(NOW - 1, "9.0")]),
        ([(NOW, "9.0")], [(NOW - 1, "9.0")]),
        ([(NOW + 3600, "9.0")], [(NOW - 1, "9.0")]),
        # the one before it has to make way too, and the first need not
        (
            [(NOW - 5, "7.0"), (NOW - 1, "8.0"), (NOW, "9.0")],
            [(NOW - 5, "7.0"), (NOW - 2, "8.0"), (NOW - 1, "9.0")],
        ),
        # in their order, although the processes' numbers alone would turn it round
        ([(NOW + 1, "9.0"), (NOW + 2, "8.0")], [(NOW - 2, "9.0"), (NOW - 1, "8.0")]),
        # the name that one gets is still that of another
        ([(NOW - 1, "1.0"), (NOW, "1.0")], [(NOW - 2, "1.0"), (NOW - 1, "1.0")]),
    ],
)
def test_all_files_stand_before_one_made_now_in_their_order(tmp_path, before, after):
    """A name that already sorts early enough is kept."""
    for each in before:
        (tmp_path / name(*each)).write_text(str(each))
    make_way(tmp_path)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {name(*new): str(old) for old, new in zip(before, after, strict=True)}
    assert all(each < name(NOW, "") for each in kept)


def test_other_files_and_a_folder_that_is_not_there_are_left_alone(tmp_path):
    """Only files named by TensorBoard's writer are renamed."""
    others = {"notes.txt", "events.out.tfevents.latest", f"old.{name(NOW, '9.0')}"}
    for other in others:
        (tmp_path / other).write_text("")
    make_way(tmp_path)
    make_way(tmp_path / "missing")
    assert {path.name for path in tmp_path.iterdir()} == others
