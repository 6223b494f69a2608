"""The Montgomery reader, on small files of the published layout."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, readers
from cxrtk.testing import ReaderContract

READINGS = {
    "MCUCXR_0001_0": "Patient's Sex: F\r\nPatient's Age: 027Y\r\nnormal\r\n",
    "MCUCXR_0080_0": "Patient's Sex: O\nPatient's Age: 030M\n\nnormal \n",
    "MCUCXR_0162_1": "Patient's Sex: M\nPatient's Age: 049Y\ncavitary infiltrate in RUL\nactive TB\n",
    "MCUCXR_0166_1": "Patient's Sex: M\nPatient's Age: 049Y\nimproved (same pt as MCUCXR_0162_1)\n",
    "MCUCXR_0170_1": "Patient's Sex: M\nPatient's Age: 049Y\nsame pt as MCUCXR_0166_1 and MCUCXR_9999_1\n",
}
ON_THE_LEFT, ON_THE_RIGHT = (slice(10, 50), slice(5, 20)), (slice(10, 50), slice(30, 44))


def write_png(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def box(place: tuple[slice, slice]) -> np.ndarray:
    mask = np.zeros((60, 48), np.uint8)
    mask[place] = 1
    return mask


def write_set(folder: Path, left_mask: tuple[slice, slice], right_mask: tuple[slice, slice]) -> Path:
    """Five images of 60 x 48 (H x W); the last has no masks."""
    for number, (stem, reading) in enumerate(READINGS.items()):
        write_png(folder / f"CXR_png/{stem}.png", np.full((60, 48), 50 * number, np.uint8))
        (folder / "ClinicalReadings").mkdir(exist_ok=True)
        (folder / f"ClinicalReadings/{stem}.txt").write_bytes(reading.encode())
        if number < 4:
            for side, place in (("leftMask", left_mask), ("rightMask", right_mask)):
                write_png(folder / f"ManualMask/{side}/{stem}.png", box(place).astype(bool))
    (folder / "CXR_png/Thumbs.db").touch()
    return folder


@pytest.fixture
def root(tmp_path):
    """The folder that the archive unpacks to; leftMask holds the lung on the left of the picture."""
    write_set(tmp_path / "MontgomerySet", ON_THE_LEFT, ON_THE_RIGHT)
    return tmp_path


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "montgomery"

    @pytest.fixture
    def kwargs(self, root):
        """The folder above."""
        return {"root": str(root)}


def test_items_hold_the_readings(root):
    """Age in years, sex as written, the text in one line; the last digit of the name is the finding."""
    items = readers.create("montgomery", root=str(root)).items()
    assert items[0] == {
        "image": str(root / "MontgomerySet/CXR_png/MCUCXR_0001_0.png"),
        "patient": "0001",
        "tuberculosis": False,
        "age": 27,
        "sex": "F",
        "reading": "normal",
    }
    assert (items[1]["age"], items[1]["sex"], items[1]["reading"]) == (2, "O", "normal")
    assert (items[2]["tuberculosis"], items[2]["reading"]) == (True, "cavitary infiltrate in RUL active TB")


def test_follow_ups_are_of_one_patient(root):
    """Readings that name other images join them, over several steps; a number not there does nothing."""
    patients = [item["patient"] for item in readers.create("montgomery", root=str(root)).items()]
    assert patients == ["0001", "0080", "0162", "0162", "0162"]


@pytest.mark.parametrize(
    "sides", [(ON_THE_LEFT, ON_THE_RIGHT), (ON_THE_RIGHT, ON_THE_LEFT)], ids=["picture's", "patient's"]
)
def test_the_right_lung_is_on_the_left(tmp_path, sides):
    """Whatever the folders mean by left, the patient's right lung is on the left of the picture."""
    reader = readers.create("montgomery", root=str(write_set(tmp_path, *sides)))
    label = reader.read_label(reader.items()[0])
    assert label.classes == ("right_lung", "left_lung")
    assert np.array_equal(label.masks, np.stack([box(ON_THE_LEFT), box(ON_THE_RIGHT)]))
    assert (label.truth, label.heart) == ("human", "excluded")


def test_labels_need_both_masks(root):
    """One lung alone is no label, nor is none."""
    (root / "MontgomerySet/ManualMask/leftMask/MCUCXR_0001_0.png").unlink()
    reader = readers.create("montgomery", root=str(root))
    assert [reader.has_label(item) for item in reader.items()] == [False, True, True, True, False]
    assert reader.read_label(reader.items()[4]) is None
    assert len(reader.files(reader.items()[1])) == 3


def test_spacing_of_the_original_files_only(root):
    """4020 x 4892 pixels are of 0.0875 mm; an image of another size has been changed."""
    reader = readers.create("montgomery", root=str(root))
    path = root / "MontgomerySet/CXR_png/MCUCXR_0001_0.png"
    assert reader.read(path).spacing_mm is None
    for size in ((4020, 4892), (4892, 4020)):
        image = Image.new("L", size, 7)
        image.paste(Image.effect_noise((256, size[1]), 20))  # or it would be too small a file to be one
        image.save(path, compress_level=1)
        radiograph = reader.read(path)
        assert (radiograph.spacing_mm, radiograph.spacing_source) == ((0.0875, 0.0875), "table")


def test_a_mask_of_another_size(root):
    """Nothing is resized."""
    write_png(root / "MontgomerySet/ManualMask/rightMask/MCUCXR_0001_0.png", box(ON_THE_LEFT)[:30])
    reader = readers.create("montgomery", root=str(root))
    with pytest.raises(CxrReadError, match=r"rightMask.*\.png: is 48 x 30 pixels, but its image .* 48 x 60"):
        reader.read_label(reader.items()[0])


def test_an_empty_mask(root):
    """It lies nowhere, so it is neither lung."""
    write_png(root / "MontgomerySet/ManualMask/rightMask/MCUCXR_0001_0.png", np.zeros((60, 48), np.uint8))
    reader = readers.create("montgomery", root=str(root))
    with pytest.raises(CxrReadError, match=r"rightMask.*0001_0\.png: is an empty mask"):
        reader.read_label(reader.items()[0])


@pytest.mark.parametrize(
    ("text", "message", "age"),
    [
        ("", "line 1", None),
        ("Sex: F\nPatient's Age: 027Y", "line 1", 27),
        ("Patient's Sex: F\n27", "line 2", None),
    ],
)
def test_another_reading_is_warned_of(root, caplog, text, message, age):
    """File and line; what the other lines say is kept."""
    (root / "MontgomerySet/ClinicalReadings/MCUCXR_0001_0.txt").write_text(text)
    assert readers.create("montgomery", root=str(root)).items()[0]["age"] == age
    assert f"MCUCXR_0001_0.txt: {message}: is not like" in caplog.text


def test_a_missing_reading_is_none(root):
    """The image is there all the same."""
    (root / "MontgomerySet/ClinicalReadings/MCUCXR_0001_0.txt").unlink()
    item = readers.create("montgomery", root=str(root)).items()[0]
    assert (item["age"], item["sex"], item["reading"]) == (None, None, None)


def test_one_number_for_two_images(root):
    """Normal and not cannot both be true of one image."""
    write_png(root / "MontgomerySet/CXR_png/MCUCXR_0001_1.png", np.zeros((60, 48), np.uint8))
    with pytest.raises(DataError, match="two images have the same number"):
        readers.create("montgomery", root=str(root))
