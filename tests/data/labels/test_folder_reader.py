"""What readers of images and label files in folders share."""

from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk import labels, pixels

MASK = np.zeros((10, 12), np.uint8)
MASK[2:8, 1:5] = 255


def test_images_and_label_files_by_stem(tmp_path: Path) -> None:
    """Rows of the table come with their images; only what has a label says so."""
    for folder, stems in (("images", "ab"), ("masks", "a")):
        (tmp_path / folder).mkdir()
        for stem in stems:
            Image.fromarray(MASK).save(tmp_path / folder / f"{stem}.png")
    images = pixels.list_images(tmp_path / "images")
    files = pixels.LabelFiles(tmp_path, images, default_truth="human")
    reader = labels.FolderReader(images, {"b": {"patient": "7", "sex": "F"}}, files)
    first, second = reader.items()
    assert first == {"image": images["a"], "patient": "a", "stem": "a"}
    assert second == {"image": images["b"], "patient": "7", "stem": "b", "sex": "F"}
    assert np.array_equal(reader.read(images["a"]).pixels, (MASK / 255).astype(np.float32))
    label = reader.read_label(first)
    assert label is not None and np.array_equal(label.masks[0], MASK // 255)
    assert (reader.has_label(first), reader.has_label(second)) == (True, False)
    assert reader.read_label(second) is None
    assert reader.files(first) == [images["a"], str(tmp_path / "masks" / "a.png")]
    assert reader.files(second) == [images["b"]]


def test_images_without_any_label_file() -> None:
    """None is looked for."""
    reader = labels.FolderReader({"a": "x/a.png"}, {}, None)
    (item,) = reader.items()
    assert not reader.has_label(item) and reader.read_label(item) is None
    assert reader.files(item) == ["x/a.png"]
