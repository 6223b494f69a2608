"""The layouts of a folder of the NIH, and what lies in it besides."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrtk import DataError

from .nih_folder import LAYOUTS, STEMS, Make, maker, reader_of, stems


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_items(layout: str, make: Make) -> None:
    """The images are found in each layout, sorted by name, each with its row."""
    reader = reader_of(make(*reversed(LAYOUTS[layout])))
    assert stems(reader) == STEMS
    assert [item["view"] for item in reader.items()] == ["PA", "PA", "AP"]


def test_other_files_are_passed_over(make: Make) -> None:
    """Leavings of macOS and Windows, tables and folders are no images."""
    root = make(*LAYOUTS["one folder"])
    for name in ("._00000001_000.png", ".DS_Store", "Thumbs.db", "notes.txt", "00000002_000.csv"):
        (root / "images" / name).write_bytes(b"\0\5\x16\7")
    (root / "images" / "00000003_000.png").mkdir()
    assert stems(reader_of(root)) == STEMS


def test_one_name_in_two_folders_is_an_error(make: Make) -> None:
    """Both paths are named."""
    root = make(f"images_001/images/{STEMS[0]}.png", f"images_002/images/{STEMS[0]}.png")
    with pytest.raises(DataError, match=r"images_002.*images_001"):
        reader_of(root)


def test_a_large_folder_is_listed_without_opening_an_image(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,000 names: none of the images is opened or asked for its size before it is read."""
    root = make(f"images/{STEMS[0]}.png")
    for number in range(2, 2_001):
        (root / "images" / f"{number:08d}_000.png").touch()
    touched: list[str] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            touched.append(str(path))
            return function(path, *arguments, **options)

        return call

    for function in ("open", "stat", "lstat"):
        monkeypatch.setattr(os, function, watched(getattr(os, function)))
    reader = reader_of(root)
    items = reader.items()
    assert len([reader.has_label(item) for item in items]) == 2_000
    assert not [path for path in touched if path.endswith(".png")]
    reader.read(items[0]["image"])
    assert items[0]["image"] in touched
