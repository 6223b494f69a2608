"""One batch: what was done, what is read, and an entry for each member."""

import pytest

from cxrtk.passes import inputs_of, outputs, read_ahead
from cxrtk.passes.batch import Batches, made_by
from cxrtk.passes.plan import groups, plan

from .conftest import Brightness, picture

MADE = {"model": {"name": "m"}, "settings": {"batch_size": 3}}


@pytest.fixture
def first(folder, tmp_path):
    """`Batches`, and the first three members: two pictures and a text."""
    (source,) = inputs_of([str(folder)])
    (tmp_path / "out").mkdir()
    with read_ahead(source.root) as files:
        planned = plan([(source, files.reader.items())], tmp_path / "out")
        yield Batches(Brightness(), [files], tmp_path / "out", MADE), next(groups(planned, 3))


def test_an_entry_for_each_member(first, tmp_path):
    """Each entry has its model and the row of the step; no hidden file is left."""
    batches, group = first
    entries = batches.do(group, list(batches.read(group)))
    assert [(entry.input, entry.status) for entry in entries] == [
        ("4.png", "ok"), ("5.png", "ok"), ("README", "left_out"),
    ]  # fmt: skip
    assert {entry.model["name"] for entry in entries} == {"m"} and entries[0].row["mean"] > 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["4.txt", "5.txt"]


def test_what_is_done(first, folder, tmp_path):
    """Only a whole batch, none of which failed, whose inputs and outputs are as they were recorded."""
    batches, group = first
    entries = batches.do(group, list(batches.read(group)))
    assert batches.is_done(group, entries) and not batches.is_done(group, entries[:2])
    (tmp_path / "out" / "5.txt").write_text("other")
    assert not batches.is_done(group, entries)
    again = batches.do(group, list(batches.read(group)))
    assert again == entries and batches.is_done(group, again)
    picture(folder / "4.png", 200)
    assert not batches.is_done(group, entries)


def test_folders_of_a_part_are_its_own(first, tmp_path):
    """It can therefore remove those of a dead process without touching others."""
    prefix = outputs.prefix(1, 3)
    for name in (outputs.prefix(0, 3), prefix, outputs.prefix(1, 30)):
        (tmp_path / "out" / f"{name}x").mkdir()
    outputs.sweep_part(tmp_path / "out", prefix)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".cxrtk-part-0_of_3-x", ".cxrtk-part-1_of_30-x",
    ]  # fmt: skip


def test_who_made_it():
    """The model apart from the settings, which end with the batch size."""
    assert made_by(Brightness(), 4) == {
        "model": {"name": "none"}, "settings": {"digits": 3, "batch_size": 4},
    }  # fmt: skip
