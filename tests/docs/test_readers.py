"""docs/readers.md: the reader of one's own works as it stands there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PAGE = Path(__file__).resolve().parents[2] / "docs" / "readers.md"
CONTRACT = """
import pytest
from cxrtk.testing import ReaderContract

class TestSheet(ReaderContract):
    plugin = "sheet"

    @pytest.fixture
    def kwargs(self):
        return {"root": ROOT}
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Two films, an outline of each lung of the first one, and the reader of the page as a plugin."""
    section = PAGE.read_text(encoding="utf-8").partition("## Custom readers")[2]
    code = section.partition("```python\n")[2].partition("```")[0]
    (tmp_path / "plugins" / "readers").mkdir(parents=True)
    (tmp_path / "plugins" / "readers" / "sheet.py").write_text(code, encoding="utf-8")
    (tmp_path / "films").mkdir()
    for stem in ("a", "b"):
        pixels = np.arange(1200, dtype=np.uint8).reshape(30, 40)
        Image.fromarray(pixels).save(tmp_path / "films" / f"{stem}.png")
    rows = (
        "film,person,organ,points",
        "a,p1,Right Lung,5 5 15 5 15 25 5 25",
        "a,p1,Left Lung,25 5 35 5 35 25",
    )
    (tmp_path / "outlines.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def run(sheet: Path, *words: str) -> str:
    environment = {**os.environ, "CXRTK_PLUGINS": str(sheet / "plugins")}
    ended = subprocess.run(
        [sys.executable, *words], cwd=sheet, env=environment, text=True, capture_output=True, timeout=120
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_reader_fulfils_the_contract(sheet: Path) -> None:
    """Every test of the suite passes on it."""
    (sheet / "test_sheet.py").write_text(f"ROOT = {str(sheet)!r}\n{CONTRACT}", encoding="utf-8")
    assert "passed" in run(sheet, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sheet.py")


def test_the_label_is_what_was_drawn(sheet: Path) -> None:
    """The first lung is a box of 10 x 20 pixels; the second film has no label."""
    code = f"""
from cxrtk import readers
reader = readers.create("sheet", root={str(sheet)!r})
first, second = reader.items()
label = reader.read_label(first)
print(label.classes, int(label.masks[0].sum()), label.heart, reader.read_label(second), first["patient"])
"""
    assert run(sheet, "-c", code).split("\n")[0] == "('right_lung', 'left_lung') 200 excluded None p1"
