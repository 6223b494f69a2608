"""Which folder is of which kind."""

import pytest

from cxrtk import ConfigError
from cxrtk.passes.manifest import Entry, Manifest
from cxrtk.report.kinds import kind_of


@pytest.mark.parametrize(
    ("row", "kind"),
    [({"measures": {}, "quality": {}}, "cxrtk segment"), ({"case": None}, ""), ({}, "")],
    ids=["segment", "evaluate", "convert"],
)
def test_a_manifest_alone_says_which_pass_it_is_of(tmp_path, row, kind):
    """Each pass keeps one; a page is made of that of `cxrtk segment`, and one line says so of the others."""
    Manifest(tmp_path / "manifest.jsonl").append([Entry("a.png", "ok", row=row)])
    if kind:
        assert kind in kind_of(tmp_path).name
        return
    with pytest.raises(ConfigError, match="not a folder that a report can be made of"):
        kind_of(tmp_path)


def test_an_evaluation_has_a_manifest_too(tmp_path):
    """Its own file says what it is."""
    Manifest(tmp_path / "manifest.jsonl").append([Entry("a.png", "ok", row={"case": None})])
    (tmp_path / "evaluation.json").write_text("{}")
    assert "cxrtk evaluate" in kind_of(tmp_path).name
