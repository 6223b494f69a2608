"""The gallery: its pictures are there, small, and those that the command makes."""

import re
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures" / "gallery"
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"!\[([^]]*)\]\(pictures/gallery/(\w+)\.jpg\)", PAGE)


def test_every_picture_is_there_and_shown():
    """None is missing, and none lies there unseen."""
    assert len(SHOWN) == 10 and {name for _, name in SHOWN} == {path.stem for path in PICTURES.iterdir()}


def test_every_picture_is_described():
    """For those who cannot see it."""
    assert all(len(words) > 20 for words, _ in SHOWN)


def test_the_command_makes_them():
    """Each is named in the script."""
    script = (ROOT / "docs" / "site" / "gallery.py").read_text(encoding="utf-8")
    assert [name for _, name in SHOWN if f'"{name}": (' not in script] == []


def test_they_are_small():
    """Less than a megabyte together, and no wider than a page needs."""
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_000_000
    for path in PICTURES.iterdir():
        with Image.open(path) as picture:
            assert max(picture.size) <= 1440


def test_the_sources_are_credited():
    """By name, licence and authors."""
    assert "wingspan" in PAGE and "MIT; Dong et al." in PAGE and "pydicom-data" in PAGE
