"""The pages of Start: their commands, as they stand there, do what the page says."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image

PAGES = Path(__file__).resolve().parents[2] / "docs" / "start"
TABLE = re.compile(r"```text\n(image .*?)```", re.DOTALL)


def commands(page: str) -> list[list[str]]:
    """Return the words of each cxrtk command between fences without a language."""
    text = (PAGES / page).read_text(encoding="utf-8")
    fences = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(block for language, block in fences if not language).splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith("cxrtk ")]


@pytest.mark.slow
def test_segment_one_file(cxrtk_data, tmp_path, fresh_python):
    """The table has the lines that the page shows, and the files are those that it names."""
    shutil.copy(cxrtk_data / "dicom" / "RG1_UNCI.dcm", tmp_path / "chest.dcm")
    (words,) = commands("segment.md")
    ended = fresh_python("-m", *words, OMP_NUM_THREADS=1)
    assert ended.code == 0, ended.err[-2000:]
    page = (PAGES / "segment.md").read_text(encoding="utf-8")
    shown = TABLE.search(page)[1]
    names = [line[:24].rstrip() for line in shown.splitlines()]
    assert [line[:24].rstrip() for line in ended.out.splitlines()] == names
    files = set(re.findall(r"`((?:chest|measures|manifest)[\w.]*)`", page)) - {"chest.dcm"}
    assert {path.name for path in (tmp_path / "OUT").iterdir()} == files


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_train_on_your_data(tmp_path, fresh_python):
    """Each command ends with 0 as it stands there, from drawn chests to masks by the trained model."""
    words = commands("train.md")
    assert [each[1] for each in words] == ["phantom", "check", "train", "runs", "report", "segment"]
    printed = {}
    for each in words:
        ended = fresh_python("-m", *each, OMP_NUM_THREADS=1)
        assert ended.code == 0, f"{each}: {ended.err[-2000:]}"
        printed[each[1]] = ended.out
    test = json.loads((tmp_path / "runs" / "first" / "test_metrics.json").read_text(encoding="utf-8"))
    assert test["truth"] == "exact masks, heart excluded" and test["metrics"]["dice"] > 0.8
    assert "first" in printed["runs"] and f"{test['metrics']['dice']:.4f}" in printed["runs"]
    assert "<html" in (tmp_path / "first.html").read_text(encoding="utf-8")
    images = sorted((tmp_path / "mine" / "images").iterdir())
    for image in images:
        with Image.open(image) as original, Image.open(tmp_path / "OUT" / f"{image.stem}.png") as mask:
            assert mask.size == original.size
