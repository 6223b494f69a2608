"""A pass: what is written, what is recorded, what is done again, and how it ends."""

from __future__ import annotations

import csv
import hashlib
import json
import os

import pytest

from cxrtk import DataError, Outcome, PluginBroken, StorageError
from cxrtk.passes.manifest import Manifest

from .conftest import Brightness, picture

NAMES = ["4.png", "5.png", "README", "a/0.png", "a/1.png", "b c/d/3.png", "b c/ü.png", "cut.png"]


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_outputs_mirror_the_inputs(go, folder, tmp_path, content):
    """A file of each picture, a table and a manifest; nothing hidden stays."""
    result = go(folder, tmp_path / "out")
    stems = {"4", "5", "a/0", "a/1", "b c/d/3", "b c/ü"}
    assert set(content(tmp_path / "out")) == {f"{stem}.txt" for stem in stems} | {
        "manifest.jsonl",
        "means.csv",
    }
    assert result.counts == {"ok": 6, "left_out": 1, "failed": 1}
    assert (result.ignored, result.exit_code, result.complete) == (1, 3, True)
    assert result.left_out == {"not_image": 1}
    assert list(result.tables) == [tmp_path / "out" / "means.csv"]


def test_the_manifest_says_what_became_of_each(go, folder, tmp_path):
    """In the order of the names, with the digests that sha256sum gives, and the reasons in words."""
    go(folder, tmp_path / "out")
    found = lines(tmp_path / "out" / "manifest.jsonl")
    assert [line["input"] for line in found] == NAMES
    by_name = {line["input"]: line for line in found}
    assert (by_name["README"]["status"], by_name["README"]["code"]) == ("left_out", "not_image")
    assert (by_name["cut.png"]["status"], by_name["cut.png"]["code"]) == ("failed", "truncated")
    first = by_name["a/0.png"]
    assert first["input_sha256"] == hashlib.sha256((folder / "a" / "0.png").read_bytes()).hexdigest()
    text = (tmp_path / "out" / "a" / "0.txt").read_bytes()
    assert first["outputs"] == {"a/0.txt": hashlib.sha256(text).hexdigest()}
    assert (first["model"], first["settings"]) == ({"name": "none"}, {"digits": 3, "batch_size": 2})
    assert first["mean"] == float(text)


def test_the_table_has_a_row_each(go, folder, tmp_path):
    """Made from the manifest, in its order."""
    go(folder, tmp_path / "out")
    rows = table(tmp_path / "out" / "means.csv")
    assert [row["input"] for row in rows] == NAMES
    assert [row["status"] for row in rows].count("ok") == 6 and rows[-1]["mean"] == ""


def test_batches_have_fixed_members(go, folder, tmp_path):
    """Two by two in the order of the names, less those that cannot be read."""
    step = Brightness()
    go(folder, tmp_path / "out", step)
    assert step.seen == [["4.png", "5.png"], ["a/0.png"], ["a/1.png", "b c/d/3.png"], ["b c/ü.png"]]


def test_it_can_stop_at_a_bad_file(go, folder, tmp_path):
    """The message names it; earlier results are kept and are in the manifest."""
    with pytest.raises(DataError, match=r"Stopped at .*cut\.png"):
        go(folder, tmp_path / "out", batch_size=1, on_error="stop")
    assert [entry.input for entry in Manifest(tmp_path / "out" / "manifest.jsonl")] == NAMES


def test_a_failed_outcome_keeps_its_files_and_its_row(go, folder, tmp_path):
    """An example is a writer that refuses one of several formats."""
    result = go(folder, tmp_path / "out", Brightness(most=0.1))
    assert result.counts["failed"] == 5
    entry = Manifest(tmp_path / "out" / "manifest.jsonl").get("5.png")
    assert entry is not None and (entry.code, entry.reason) == ("bright", "is too bright")
    assert list(entry.outputs) == ["5.txt"] and entry.row["mean"] > 0.1


def test_several_inputs_are_one_run(go, folder, tmp_path, copied):
    """Each folder's outputs lie below its name, those of a file side by side."""
    other = copied(folder, "other")
    picture(tmp_path / "alone.png", 50)
    result = go([folder, other, tmp_path / "alone.png"], tmp_path / "out")
    assert result.counts["ok"] == 13
    out = tmp_path / "out"
    assert (out / "in" / "a" / "0.txt").is_file() and (out / "other" / "a" / "0.txt").is_file()
    assert (out / "alone.txt").is_file()
    assert table(out / "means.csv")[0]["input"] == "in/4.png"


def test_equal_outputs_are_refused_before_anything_is_written(go, tmp_path):
    """Two files of one name, from two folders."""
    for name in ("x", "y"):
        picture(tmp_path / name / "a.png", 30)
    with pytest.raises(DataError, match="would share one output"):
        go([tmp_path / "x" / "a.png", tmp_path / "y" / "a.png"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_any_file_name_survives(go, tmp_path):
    """Bytes that are no UTF-8, a newline, and what a spreadsheet takes for a formula."""
    root = tmp_path / "in"
    root.mkdir()
    for name in (b"caf\xe9.png", b"two\nlines.png", b"=1+1.png", b"-x.png", b"@y.png", b"+z.png"):
        picture(tmp_path / "p.png", 40)
        os.rename(tmp_path / "p.png", os.path.join(os.fsencode(root), name))  # noqa: PTH104, PTH118 - bytes
    result = go(root, tmp_path / "out")
    assert result.counts == {"ok": 6}
    rows = table(tmp_path / "out" / "means.csv")
    assert {row["input"] for row in rows} == {
        "caf\\udce9.png",
        "two\nlines.png",
        "'=1+1.png",
        "'-x.png",
        "'@y.png",
        "'+z.png",
    }
    assert go(root, tmp_path / "out", go_on=True).counts == {"ok": 6}


def test_a_link_in_the_output_folder_leads_nothing_outside(go, folder, tmp_path):
    """The radiograph below it fails; the others are done."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").symlink_to(outside)
    result = go(folder, tmp_path / "out")
    assert list(outside.iterdir()) == []
    assert result.counts["failed"] == 3 and result.counts["ok"] == 4
    entry = Manifest(tmp_path / "out" / "manifest.jsonl").get("a/0.png")
    assert entry is not None and "leads out of the output folder" in entry.reason


def test_a_file_that_is_a_link_is_replaced_and_not_followed(go, folder, tmp_path):
    """The target of the link is unchanged."""
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "4.txt").symlink_to(victim)
    go(folder, tmp_path / "out")
    assert victim.read_text() == "precious" and not (tmp_path / "out" / "4.txt").is_symlink()


def test_progress_counts_each_file_once(go, folder, tmp_path):
    """This includes files that were done before."""
    for go_on in (False, True):
        totals: list[int] = []
        counts: list[int] = []
        go(folder, tmp_path / "out", go_on=go_on, begin=totals.append, report=counts.append)
        assert totals == [8] and sum(counts) == 8


class Wrong(Brightness):
    """Breaks a rule of the contract."""

    def __init__(self, rule: str) -> None:
        super().__init__()
        self.rule = rule

    def __call__(self, batch):
        outcomes = [self._one(job) for job in batch]
        if self.rule == "few":
            return outcomes[:-1]
        if self.rule == "key":
            return [Outcome("ok", {"status": "fine"}) for _ in batch]
        if self.rule == "lost":
            return [Outcome("ok", {}, [batch[0].stem.with_name("other.txt")]) for _ in batch]
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("rule", "error", "said"),
    [
        ("few", PluginBroken, "gave 1 outcomes for 2 radiographs"),
        ("key", PluginBroken, "'status', a key of the manifest's own"),
        ("lost", PluginBroken, "names the file other.txt"),
        ("full", StorageError, "no space left"),
    ],
)
def test_a_step_that_breaks_the_contract(go, folder, tmp_path, rule, error, said):
    """Is named, and leaves nothing half-written; so does a full disk."""
    with pytest.raises(error, match=said):
        go(folder, tmp_path / "out", Wrong(rule))
    assert not list((tmp_path / "out").rglob(".cxrtk-part-*"))
    assert not (tmp_path / "out" / ".cxrtk").exists()
