"""PNG masks: what Pillow reads back is what was segmented."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import Segmentation, readers, writers
from cxrtk.testing.writers import segmentation


def test_lungs_and_labels(tmp_path):
    """0 and 255 in the lungs, never in the heart; 1, 2 and 3 in the classes."""
    found = segmentation(tmp_path / "in.png")
    lungs, labels = (
        np.asarray(Image.open(path)) for path in writers.create("png").write(found, tmp_path / "a")
    )
    assert (lungs == 255 * (found.masks[0] | found.masks[1])).all()
    assert (labels == found.masks[0] + 2 * found.masks[1] + 3 * found.masks[2]).all()


def test_a_reader_reads_them_back(tmp_path):
    """As labels/ of a folder of images and masks: the same three masks."""
    found = segmentation(tmp_path / "in.png")
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    Image.fromarray((found.radiograph.pixels * 255).astype(np.uint8)).save(tmp_path / "images" / "a.png")
    _, labels = writers.create("png").write(found, tmp_path / "a")
    labels.rename(tmp_path / "labels" / "a.png")
    reader = readers.create("image_mask_folder", root=tmp_path, truth="model")
    assert (reader.read_label(reader.items()[0]).masks == found.masks).all()


@pytest.mark.parametrize("labels", [True, False])
def test_both_lungs_in_one_class(tmp_path, labels):
    """There are no classes to write."""
    found = segmentation(tmp_path / "in.png")
    both = Segmentation(**{**vars(found), "masks": found.lungs()[None], "classes": ("lungs",)})
    written = writers.create("png", labels=labels).write(both, tmp_path / "a")
    assert [path.name for path in written] == ["a.png"]
