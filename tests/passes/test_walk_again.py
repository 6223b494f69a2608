"""A pass that goes on: which files are done again, and which are not."""

from __future__ import annotations

import json
import shutil

import pytest

from cxrtk import ConfigError
from cxrtk.passes.manifest import Manifest

from .conftest import Brightness, Labelled, picture


@pytest.mark.parametrize("survived", range(4))
def test_killed_and_continued_it_has_the_same_bytes(go, folder, tmp_path, content, survived):
    """Lines of whole batches, a torn line, files of the next batch, a hidden folder: whatever there was."""
    go(folder, tmp_path / "whole")
    output = tmp_path / "out"
    shutil.copytree(tmp_path / "whole", output)
    kept = (output / "manifest.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    torn = kept[-1][:40] * (survived % 2)
    (output / "manifest.jsonl").write_text("".join(kept[: 2 * survived]) + torn, encoding="utf-8")
    (output / "means.csv").unlink()
    (output / "b c" / ".cxrtk-part-x").mkdir()
    (output / "b c" / ".cxrtk-part-x" / "ü.txt").write_text("half")
    step = Brightness()
    go(folder, output, step, go_on=True)
    assert content(output) == content(tmp_path / "whole")
    assert len(step.seen) == 4 - survived


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"0", b"1")),
    ],
)
def test_an_output_that_is_not_what_was_recorded_is_made_again(go, folder, tmp_path, content, damage):
    """Removed, emptied, truncated or replaced; the other batches are not done again."""
    go(folder, tmp_path / "out")
    whole = content(tmp_path / "out")
    damage(tmp_path / "out" / "a" / "1.txt")
    step = Brightness()
    go(folder, tmp_path / "out", step, go_on=True)
    assert content(tmp_path / "out") == whole
    assert ["a/1.png", "b c/d/3.png"] in step.seen and ["4.png", "5.png"] not in step.seen


def test_an_input_that_was_replaced_is_done_again(go, folder, tmp_path):
    """Its digest is compared, not its time."""
    go(folder, tmp_path / "out")
    picture(folder / "5.png", 200)
    go(folder, tmp_path / "out", go_on=True)
    assert float((tmp_path / "out" / "5.txt").read_text()) > 0.7


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("two"),
        lambda path: path.write_text("on"),
        lambda path: path.unlink(),
    ],
)
def test_a_further_file_that_was_changed_is_read_again(go, folder, tmp_path, change):
    """Replaced by one of the same length, cut short, or removed; the others are not done again."""
    for name in ("4", "5"):
        (folder / f"{name}.png.note").write_text("one")
    go(folder, tmp_path / "out", Labelled(), batch_size=1)
    note = folder / "5.png.note"
    change(note)
    left = note.read_text() if note.exists() else ""
    step = Labelled()
    go(folder, tmp_path / "out", step, batch_size=1, go_on=True)
    assert step.seen == ["5.png"]
    rows = {entry.input: entry.row for entry in Manifest(tmp_path / "out" / "manifest.jsonl")}
    assert rows["4.png"] == {"note": "one"}
    assert rows["5.png"] == {"note": left}


def test_a_further_file_that_appeared_is_read(go, folder, tmp_path):
    """That it was not there is recorded too; one that was never there is no reason to do anything again."""
    go(folder, tmp_path / "out", Labelled(), batch_size=1)
    (folder / "5.png.note").write_text("one")
    step = Labelled()
    go(folder, tmp_path / "out", step, batch_size=1, go_on=True)
    assert step.seen == ["5.png"]
    go(folder, tmp_path / "out", step, batch_size=1, go_on=True)
    assert step.seen == ["5.png"]


def test_what_was_done_before_further_files_were_recorded_is_done_again(go, folder, tmp_path):
    """Such a manifest reads, but nothing in it says which further files were read."""
    go(folder, tmp_path / "out", Labelled(), batch_size=1)
    path = tmp_path / "out" / "manifest.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert all(line.pop("further_sha256") == [""] for line in lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    step = Labelled()
    go(folder, tmp_path / "out", step, batch_size=1, go_on=True)
    assert len(step.seen) == 6


def test_what_failed_is_tried_again(go, folder, tmp_path):
    """It may have been mended."""
    go(folder, tmp_path / "out")
    picture(folder / "cut.png", 90)
    result = go(folder, tmp_path / "out", go_on=True)
    assert result.exit_code == 0 and (tmp_path / "out" / "cut.txt").is_file()


def test_what_failed_is_tried_again_though_its_file_is_the_same(go, folder, tmp_path):
    """The cause may have been another: a full disk, a network's mistake. What was done is not done again."""
    first = go(folder, tmp_path / "out", Brightness(most=0.2))  # 5.png is of 60 / 255
    assert first.counts == {"ok": 5, "left_out": 1, "failed": 2}
    step = Brightness()
    assert go(folder, tmp_path / "out", step, go_on=True).counts == {"ok": 6, "left_out": 1, "failed": 1}
    seen = sorted(name for group in step.seen for name in group)
    assert seen == ["4.png", "5.png", "b c/ü.png"]  # the last shares a batch with cut.png, which fails again


def test_parts_in_one_folder_make_one_table(go, folder, tmp_path, content):
    """The last part to end writes it, whole and in order; until then there is none."""
    go(folder, tmp_path / "whole")
    results = [go(folder, tmp_path / "out", num_parts=3, part_id=part) for part in (2, 0, 1)]
    assert [result.complete for result in results] == [False, False, True]
    whole, parts = content(tmp_path / "whole"), content(tmp_path / "out")
    assert parts["means.csv"] == whole["means.csv"]
    assert {f"manifest_{part}_of_3.jsonl" for part in range(3)} < parts.keys()
    same = [name for name in whole if name.endswith(".txt")]
    assert {name: parts[name] for name in same} == {name: whole[name] for name in same}


def test_a_second_run_is_refused(go, folder, tmp_path):
    """Unless it is to go on; with other settings even then."""
    go(folder, tmp_path / "out")
    with pytest.raises(ConfigError, match="--continue"):
        go(folder, tmp_path / "out")
    with pytest.raises(ConfigError, match="different settings"):
        go(folder, tmp_path / "out", Brightness(digits=2), go_on=True)
    with pytest.raises(ConfigError, match="different settings"):
        go(folder, tmp_path / "out", go_on=True, batch_size=3)
