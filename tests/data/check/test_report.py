"""The report: its files, its numbers, its sheet, and what of it is accepted."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from cxrtk.data.check.report import suspicious

from .labelled import GOOD, Labelled
from .spoiling import A, B, C, D, F, box, image, mask, pixels, save


def test_accepted_codes_are_notes(clean, checked):
    """Images that are known to have no mask do not stop a script."""
    mask(clean, A).unlink()
    assert checked(clean, accepted=frozenset({"mask_missing"})).status == "clean"


def test_written_files(clean, checked, tmp_path):
    """check.json holds the report and no patient; the sheet goes when nothing is suspicious any more."""
    shutil.copy(image(clean, A), image(clean, F))
    report = checked(clean, output_dir=tmp_path / "out")
    text = (tmp_path / "out" / "check.json").read_text()
    assert json.loads(text) == json.loads(json.dumps(report.as_json()))
    assert json.loads(text)["schema"] == "cxrtk-check/1"
    assert str(tmp_path) not in text
    with Image.open(tmp_path / "out" / "suspicious.png") as sheet:
        assert sheet.width == 6 * 198 and sheet.height == 226  # two tiles, one row
    image(clean, F).unlink()
    mask(clean, F).unlink()
    (clean / "manifest.csv").unlink()
    checked(clean, output_dir=tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["check.json"]


def test_sheet_hides_burned_in_text(tmp_path, checked):
    """An image whose header warns of text in the picture is a grey tile; one of noise otherwise."""
    (tmp_path / "in").mkdir()
    for flags, hidden in (({"burned_in": "YES"}, True), ({"lateral": "LL"}, False)):
        checked(tmp_path / "in", Labelled(tmp_path / "in", [GOOD, GOOD], flags), output_dir=tmp_path / "out")
        with Image.open(tmp_path / "out" / "suspicious.png") as sheet:
            tile = np.asarray(sheet)[:192, :192]
        assert (len(np.unique(tile)) == 1) == hidden


def test_same_report_twice(clean, checked):
    """No date, no path of the machine: two checks of one set are equal."""
    assert checked(clean).as_json() == checked(clean).as_json()


def test_numbers_of_the_set(clean, checked):
    """Counts and sizes are those of the eight files of six patients."""
    summary = checked(clean).summary
    assert (summary["images"], summary["readable"], summary["patients"]) == (8, 8, 6)
    assert summary["most_images_of_a_patient"] == 2
    assert summary["sizes"]["common"] == {"128 x 128": 8}
    assert summary["formats"] == {"PNG": 8}
    shares = [pixels(path).astype(bool).mean() for path in sorted((clean / "masks").glob("*.png"))]
    assert summary["labels"]["lung_share"]["least"] == pytest.approx(min(shares), abs=1e-4)
    assert summary["labels"]["lung_share"]["median"] == pytest.approx(np.median(shares), abs=1e-4)


def test_columns_are_counted_if_known_or_named(clean, checked):
    """A column such as view is counted; one that may name somebody only if the user names it."""
    rows = "stem,patient,view,referrer\n" + "".join(
        f"{path.stem},{path.stem},PA,Dr. X\n" for path in sorted((clean / "images").iterdir())
    )
    (clean / "manifest.csv").write_text(rows)
    assert checked(clean).summary["columns"] == {"view": {"PA": 8}}
    assert checked(clean, columns=["referrer"]).summary["columns"]["referrer"] == {"Dr. X": 8}


def test_suspicious_takes_turns(clean, checked):
    """One code with many issues does not push the others from the sheet."""
    for stem in (A, B, C):
        save(mask(clean, stem), box(0, 0, 0, 0))
    save(mask(clean, D), box(60, 70, 60, 70))
    chosen = [issue.code for issue in suspicious(checked(clean))]
    assert chosen == ["mask_empty", "mask_area", "mask_empty", "mask_empty"]
