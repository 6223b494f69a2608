"""The reader of a folder, where nobody names one."""

import pytest

from cxrtk import ConfigError
from cxrtk.data.check.choose import choose_reader


@pytest.mark.parametrize(
    ("folder", "reader"),
    [
        ("jsrt", "image_mask_folder"),
        ("covid_v7", "image_mask_folder"),
        ("not_frontal", "image_mask_folder"),
        ("nih", "nih_png"),
        ("nih_64px", "nih_png"),
        ("dicom", "dicom"),
    ],
)
def test_real_folders(cxrtk_data, folder, reader):
    """The one that knows its masks or its table; `files`, which reads everything, never wins over it."""
    assert choose_reader(cxrtk_data / folder) == reader


def test_several_fit(cxrtk_data, tmp_path):
    """A folder of pictures and nothing else: the user is asked, with the names."""
    (tmp_path / "images").mkdir()
    source = cxrtk_data / "openist" / "images"
    for path in sorted(source.iterdir())[:2]:
        (tmp_path / "images" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ConfigError, match=r"files, image_mask_folder, nih_png find images.*--reader"):
        choose_reader(tmp_path)


def test_none_fits(tmp_path):
    """An empty folder: the user is told which readers there are."""
    with pytest.raises(ConfigError, match=r"no reader finds images there.*dicom.*nih_png"):
        choose_reader(tmp_path)
