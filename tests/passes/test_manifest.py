"""The manifest: whole lines count, the newest line of an input wins, damage is named."""

import json
from dataclasses import replace

import pytest

from cxrtk import DataError
from cxrtk.passes.manifest import Entry, Manifest, file_of, manifests

FIRST = Entry("a.png", "ok", outputs={"a.txt": "0" * 64}, row={"mean": 0.5})
SECOND = Entry("b\udce9.png", "failed", "truncated", "is cut")


@pytest.fixture
def manifest(tmp_path):
    return Manifest(tmp_path / "manifest.jsonl")


def test_what_is_appended_is_read(manifest):
    """A new object reads them too, in the order in which inputs first appeared."""
    manifest.append([FIRST, SECOND])
    again = Manifest(manifest.path)
    assert list(again) == list(manifest) == [FIRST, SECOND]
    assert len(again) == 2 and "a.png" in again and again.get("c.png") is None


def test_the_newest_line_wins(manifest):
    """Rewriting keeps only that line, in the requested order."""
    newer = Entry("a.png", "failed", "timeout", "took too long")
    manifest.append([FIRST, SECOND])
    manifest.append([newer])
    assert Manifest(manifest.path).get("a.png") == newer
    manifest.rewrite(manifest.of(["b\udce9.png", "a.png"]))
    assert manifest.path.read_text().count("\n") == 2
    assert list(Manifest(manifest.path)) == list(manifest) == [SECOND, newer]


def test_a_torn_last_line_counts_as_not_there(manifest):
    """It is replaced by what is appended."""
    manifest.append([FIRST])
    whole = manifest.path.read_bytes()
    manifest.path.write_bytes(whole + SECOND.line().encode()[:30])
    again = Manifest(manifest.path)
    assert list(again) == [FIRST]
    again.append([SECOND])
    assert list(Manifest(manifest.path)) == [FIRST, SECOND]


def test_the_keys_of_a_row_stand_beside_the_others(manifest):
    """Every reader of JSON sees them."""
    manifest.append([FIRST])
    line = json.loads(manifest.path.read_text())
    assert (line["input"], line["mean"], line["outputs"]) == ("a.png", 0.5, {"a.txt": "0" * 64})


def test_a_manifest_of_an_earlier_version_is_read(manifest):
    """`measures` and `quality` were keys of every line; they are part of the row."""
    old = {"input": "a", "status": "ok", "code": "", "reason": "", "input_sha256": "", "outputs": {}}
    manifest.path.write_text(
        json.dumps({**old, "model": {"name": "m"}, "settings": {}, "measures": {"x": 1}}) + "\n"
    )
    (entry,) = Manifest(manifest.path)
    assert (entry.model, entry.row) == ({"name": "m"}, {"measures": {"x": 1}})


def test_digests_of_further_files_stand_in_their_order(manifest):
    """Only lines of steps that read such files have them."""
    labelled = replace(SECOND, further_sha256=("1" * 64, ""))
    manifest.append([FIRST, labelled])
    assert list(Manifest(manifest.path)) == [FIRST, labelled]
    first, second = map(json.loads, manifest.path.read_text().splitlines())
    assert "further_sha256" not in first and second["further_sha256"] == ["1" * 64, ""]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"input": "a"}',
        '{"input": 1, "status": "ok"}',
        '{"input": "a", "status": ""}',
        '{"input": "a", "status": "ok", "further_sha256": "1"}',
        '{"input": "a", "status": "ok", "further_sha256": [1]}',
    ],
)
def test_a_damaged_line_is_named(manifest, line):
    """The message contains its number."""
    manifest.path.write_text(FIRST.line() + line + "\n")
    with pytest.raises(DataError, match=r"manifest\.jsonl: line 2 is not an entry"):
        Manifest(manifest.path)


def test_parts_are_found_in_their_order(tmp_path):
    """Parts are sorted by number, so 10 follows 9; a whole manifest comes before parts."""
    for part in range(11):
        (tmp_path / file_of(part, 11)).touch()
    assert [path.name for path in manifests(tmp_path)] == [
        f"manifest_{part}_of_11.jsonl" for part in range(11)
    ]
    (tmp_path / file_of(0, 1)).touch()
    assert [path.name for path in manifests(tmp_path)] == ["manifest.jsonl"]


def test_flags_of_the_reader_are_kept():
    """They stand in the line where there are some; those that convert once wrote as text are read, too."""
    flagged = Entry("a.png", "ok", flags=("lateral", "tiny"))
    assert flagged.as_json()["flags"] == ["lateral", "tiny"] and Entry.parse(flagged.line()) == flagged
    assert "flags" not in Entry("a.png", "ok").as_json()
    assert Entry.parse('{"input": "a", "status": "ok", "flags": "lossy tiny"}').flags == ("lossy", "tiny")
