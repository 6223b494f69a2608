"""What a page reads of a manifest."""

from cxrtk.passes.manifest import Entry as Line
from cxrtk.passes.manifest import Manifest
from cxrtk.report.entries import read_entries


def test_measures_and_quality_of_each_radiograph(tmp_path):
    """What was left out is no radiograph; a refused format does not undo the masks."""
    measured = {"measures": {"lung_fraction_of_image": 0.3}, "quality": {"flag": "ok"}}
    nothing = {"measures": {}, "quality": {}}
    Manifest(tmp_path / "manifest.jsonl").append(
        [
            Line("a.png", "ok", row=measured),
            Line("b.png", "failed", "format", "refused", row=measured),
            Line("c.png", "failed", "truncated", "is cut", row=nothing),
            Line("README", "left_out", "not_image", "is text", row=nothing),
        ]
    )
    entries = read_entries([tmp_path / "manifest.jsonl"])
    assert [entry.input for entry in entries] == ["a.png", "b.png", "c.png"]
    assert [entry.segmented for entry in entries] == [True, True, False]
    assert entries[0].quality == {"flag": "ok"}
