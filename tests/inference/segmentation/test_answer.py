"""The table of one radiograph on the first screen."""

import json

import pytest

from cxrtk.errors import DataError
from cxrtk.inference.segmentation.answer import rows_of
from cxrtk.passes.manifest import Entry

MEASURES = {
    "area_px": {"right_lung": 600_000, "heart": None},
    "area_mm2": {"right_lung": 13_440.0, "heart": None},
    "spacing_mm": [0.15, 0.15],
    "spacing_source": "ImagerPixelSpacing",
    "right_to_left_lung_area": 1.084,
    "cardiothoracic_ratio": 0.512,
    "cardiothoracic_interval": [0.481, 0.543],
    "cardiothoracic_note": None,
    "cardiothoracic_reason": None,
}
QUALITY = {"flag": "review", "score": 0.4, "reasons": ["the lungs are small", "the outline is ragged"]}


def table(tmp_path, measures=MEASURES, quality=QUALITY, about=None, **entry):
    """Rows by label; those without a label under the one before."""
    outputs = {}
    if about is not None:
        (tmp_path / "a.json").write_text(json.dumps({"radiograph": about}))
        outputs = {"a.json": ""}
    entry = {"outputs": outputs, "status": "ok", **entry}
    rows: dict[str, list[str]] = {}
    for label, text in rows_of(
        Entry("a.dcm", row={"measures": measures, "quality": quality}, **entry), tmp_path
    ):
        rows.setdefault(label, []).append(text)
    return rows


def test_measures_in_words(tmp_path):
    """Areas in square centimetres: 13,440 square millimetres are 134.4 of them."""
    found = table(tmp_path)
    assert found["quality flag"] == ["review, score 0.40"]
    assert found[""] == ["the lungs are small", "the outline is ragged"]
    assert found["cardiothoracic ratio"] == ["0.51 (90 % interval 0.48 to 0.54)"]
    assert found["area of the right lung"] == ["134.4 cm²"]
    assert found["area of the heart"] == ["withheld with the ratio"]
    assert found["pixel spacing"] == ["0.15 x 0.15 mm (ImagerPixelSpacing)"]
    assert found["right over left lung"] == ["1.08"]


def test_what_is_withheld_has_its_reason(tmp_path):
    """A ratio, and a spacing."""
    withheld = {"cardiothoracic_ratio": None, "cardiothoracic_reason": "the heart may be wrong"}
    found = table(tmp_path, {**MEASURES, **withheld, "spacing_mm": None, "spacing_reason": "it is zero"})
    assert found["cardiothoracic ratio"] == ["withheld: the heart may be wrong"]
    assert found["pixel spacing"] == ["none: it is zero"]


def test_the_note_on_a_magnified_heart(tmp_path):
    """Stands beside the ratio."""
    found = table(tmp_path, {**MEASURES, "cardiothoracic_note": "AP: not comparable"})
    assert found["cardiothoracic ratio"] == ["0.51 (90 % interval 0.48 to 0.54); AP: not comparable"]


def test_what_the_file_states(tmp_path):
    """View, polarity and flags, from the JSON file among the results."""
    about = {"ViewPosition": "PA", "polarity": "inverted", "flags": {"lossy": "(0028,2110) = 01"}}
    found = table(tmp_path, about=about)
    assert found["view"] == ["PA"] and found["grey values"] == ["inverted, as the file requires"]
    assert found["flag of the file"] == ["lossy: (0028,2110) = 01"]
    assert found["written"] == [str(tmp_path / "a.json")]


def test_flags_without_a_json_file(tmp_path):
    """Those of the manifest."""
    assert table(tmp_path, flags=("tiny",))["flag of the file"] == ["tiny"]


def test_a_file_that_failed(tmp_path):
    """Its reason, and nothing measured."""
    found = table(tmp_path, {}, {}, status="failed", reason="is truncated")
    assert found == {"image": ["a.dcm"], "failed": ["is truncated"]}


def test_a_damaged_json_file(tmp_path):
    """Is named."""
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(DataError, match=r"a\.json: cannot be read back"):
        rows_of(Entry("a.dcm", "ok", outputs={"a.json": ""}), tmp_path)
