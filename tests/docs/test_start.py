"""The pages of Start: their commands, as they stand there, do what the page says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

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


def test_train_on_your_data_goes_the_whole_way():
    """From the check of the data to masks by the model."""
    words = commands("train.md")
    assert [each[1] for each in words] == ["check", "train", "runs", "report", "segment"]
    sets = [each for each in words[1] if "=" in each]
    configs = [each for each in words[1][2:] if "=" not in each and not each.startswith("--")]
    assert configs == ["unet_cxr", "human_masks", "basic_unet"] and len(sets) == 4
