"""Any file, or all images of a tree."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, readers


def image(path, level=90):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((20, 30), level, np.uint8)).save(path, "PNG")


def test_images_by_name_all_others_counted(tmp_path, caplog):
    """Suffixes of images, none, or digits; hidden files and texts are passed over."""
    for name in ("b.png", "a/x.PNG", "IM0001", "1.2.840.7", "._b.png", "notes.txt", "table.csv"):
        image(tmp_path / name)
    with caplog.at_level("INFO", "cxrtk_plugins"), caplog.at_level("INFO", "plugins"):
        items = readers.create("files", root=tmp_path).items()
    names = [item["image"].removeprefix(f"{tmp_path}/") for item in items]
    assert names == ["1.2.840.7", "IM0001", "a/x.PNG", "b.png"]
    assert "files ignored that are not images: 3." in caplog.text


def test_a_file_counts_whatever_its_name(tmp_path):
    """What it is, is told by its content."""
    image(tmp_path / "chest.txt")
    reader = readers.create("files", root=tmp_path / "chest.txt")
    assert reader.read(reader.items()[0]["image"]).pixels.shape == (20, 30)
    assert reader.read_label(reader.items()[0]) is None


def test_a_broken_link_is_listed_and_refused(tmp_path):
    """By the reading, with its name."""
    (tmp_path / "x.png").symlink_to(tmp_path / "gone.png")
    reader = readers.create("files", root=tmp_path / "x.png")
    with pytest.raises(CxrReadError, match="broken link"):
        reader.read(reader.items()[0]["image"])


@pytest.mark.parametrize(("make", "said"), [(False, "no such file or folder"), (True, "No images in")])
def test_nothing_there(tmp_path, make, said):
    """A missing folder, and an empty one."""
    root = tmp_path / "set"
    if make:
        root.mkdir()
    with pytest.raises(DataError, match=said):
        readers.create("files", root=root).items()
