"""The README's section on segmenting: its commands and its lines of Python do what it says."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    """What stands between the fences of the section."""
    section = re.search(r"^## Segment\n(.*?)^## ", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert section is not None
    return re.findall(r"^```\w*\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(cxrtk_data, tmp_path):
    """``chest.dcm``, a folder ``DIR`` of two images, and the configs of the checkout."""
    shutil.copy(cxrtk_data / "dicom" / "RG1_UNCI.dcm", tmp_path / "chest.dcm")
    (tmp_path / "DIR").mkdir()
    for source in sorted((cxrtk_data / "openist" / "images").iterdir())[:2]:
        shutil.copy(source, tmp_path / "DIR")
    (tmp_path / "bundles").symlink_to(ROOT / "bundles")
    return tmp_path


@pytest.mark.slow
def test_the_commands(blocks, place, fresh_python):
    """Each ends with 0: masks of each file's size, pictures, the same by both ways, weights for torch."""
    commands = [line.partition("#")[0].split() for line in blocks[0].splitlines() if line.strip()]
    assert len(commands) >= 5
    for words in commands:
        module = ["-m", "cxrtk", *words[1:]] if words[0] == "cxrtk" else words[1:]
        ended = fresh_python(*module, OMP_NUM_THREADS=1)
        assert ended.code == 0, f"{words}: {ended.err[-2000:]}"
    with Image.open(place / "OUT" / "chest.png") as mask:
        assert mask.size == (1841, 1955)
    for image in (place / "DIR").iterdir():
        with Image.open(image) as original, Image.open(place / "OUT_DIR" / f"{image.stem}.png") as mask:
            assert mask.size == original.size
            assert (np.asarray(mask) == Image.open(place / "OUT_MONAI" / f"{image.stem}.png")).all()
        assert (place / "OUT_DIR" / f"{image.stem}_preview.jpg").is_file()
    assert all(
        isinstance(value, torch.Tensor)
        for value in torch.load(place / "model.pt", weights_only=True).values()
    )


def test_the_lines_of_python(blocks, place, monkeypatch):
    """Three of them, from a file to masks of its size."""
    monkeypatch.chdir(place)
    lines = [line for line in blocks[1].splitlines() if line]
    assert len(lines) == 3
    names: dict[str, object] = {}
    exec(blocks[1], names)
    found = names["found"]
    assert found.masks.shape == (3, 1955, 1841)
    assert found.measures["spacing_reason"] and isinstance(found.quality, dict)
