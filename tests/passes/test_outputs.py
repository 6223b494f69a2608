"""Files of one radiograph: out of sight until they are whole."""

import hashlib

import pytest

from cxrtk import CxrReadError, PluginBroken
from cxrtk.passes import outputs


def test_files_appear_where_they_belong(tmp_path):
    """With their digests; the hidden folder is gone, and so is what nobody named."""
    stem = tmp_path / "a" / "1.2.chest"
    with outputs.hidden(stem, tmp_path) as part:
        assert part.name == "1.2.chest" and part.parent.parent == tmp_path
        for ending in (".png", "_labels.png", ".tmp"):
            part.with_name(part.name + ending).write_text(ending)
        files = [part.with_name(part.name + ending) for ending in ("_labels.png", ".png")]
        digests = outputs.publish(files, part, stem, tmp_path)
    expected = {
        f"a/1.2.chest{ending}": hashlib.sha256(ending.encode()).hexdigest()
        for ending in (".png", "_labels.png")
    }
    assert digests == expected and list(digests) == sorted(digests)
    assert sorted(path.name for path in stem.parent.iterdir()) == ["1.2.chest.png", "1.2.chest_labels.png"]
    assert outputs.are_there(digests, tmp_path)


@pytest.mark.parametrize("name", ["other.png", "../escaped.png", "chest_lost.png"])
def test_other_files_are_refused(tmp_path, name):
    """Files with another stem, in another folder or missing are refused."""
    with outputs.hidden(tmp_path / "chest", tmp_path) as part:
        if "lost" not in name:
            (part.parent / name).write_text("x")
        with pytest.raises(PluginBroken, match="names the file"):
            outputs.publish([part.parent / name], part, tmp_path / "chest", tmp_path)


def test_changed_files_are_not_there(tmp_path):
    """Missing, or of other content."""
    (tmp_path / "a").write_text("1")
    digest = hashlib.sha256(b"1").hexdigest()
    assert outputs.are_there({"a": digest}, tmp_path)
    assert not outputs.are_there({"a": digest, "b": digest}, tmp_path)
    (tmp_path / "a").write_text("2")
    assert not outputs.are_there({"a": digest}, tmp_path)


def test_links_out_of_the_folder_are_refused(tmp_path):
    """Those that stay inside are not."""
    for name in ("out/real", "outside"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "out" / "in").symlink_to(tmp_path / "out" / "real")
    (tmp_path / "out" / "away").symlink_to(tmp_path / "outside")
    outputs.refuse_links(tmp_path / "out" / "in" / "a", tmp_path / "out")
    outputs.refuse_links(tmp_path / "out" / "new" / "a", tmp_path / "out")
    with pytest.raises(CxrReadError, match="leads out of the output folder"):
        outputs.refuse_links(tmp_path / "out" / "away" / "a", tmp_path / "out")


def test_what_a_kill_left_is_swept(tmp_path):
    """Only leftovers of killed processes are removed."""
    (tmp_path / "a" / f"{outputs.PART}x").mkdir(parents=True)
    (tmp_path / "a" / f"{outputs.PART}x" / "half.png").write_text("x")
    (tmp_path / "a" / "whole.png").write_text("x")
    outputs.sweep(tmp_path)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["whole.png"]
