"""The Shenzhen reader, on small files of the published layout."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, readers
from cxrtk.testing import ReaderContract

GREY = np.arange(64 * 48, dtype=np.uint32).reshape(64, 48).astype(np.uint8)
MASK = np.zeros((64, 48), np.uint8)
MASK[10:50, 5:20] = MASK[10:50, 28:43] = 1


def palette(grey: np.ndarray) -> Image.Image:
    """A palette image of these greys whose numbers run the other way."""
    image = Image.new("P", grey.shape[::-1])
    image.putpalette([255 - number for number in range(256) for _ in range(3)])
    image.frombytes((255 - grey).tobytes())
    return image


def write_images(folder: Path) -> None:
    """An RGB image, a palette, and one with its mask missing."""
    (folder / "CXR_png").mkdir(parents=True)
    Image.fromarray(GREY).convert("RGB").save(folder / "CXR_png/CHNCXR_0001_0.png")
    palette(GREY).save(folder / "CXR_png/CHNCXR_0327_1.png")
    palette(GREY).save(folder / "CXR_png/CHNCXR_0328_1.png")
    (folder / "ClinicalReadings").mkdir()
    (folder / "ClinicalReadings/CHNCXR_0001_0.txt").write_bytes(b"male 45yrs\r\nnormal\r\n")
    (folder / "ClinicalReadings/CHNCXR_0327_1.txt").write_bytes(
        b"female 22yrs\nPTB in the left\n middle field\n"
    )


def write_masks(folder: Path) -> None:
    """As the archive of the masks has them."""
    folder.mkdir(parents=True)
    for stem in ("CHNCXR_0001_0", "CHNCXR_0327_1"):
        Image.fromarray(MASK * 255).save(folder / f"{stem}_mask.png")


@pytest.fixture
def root(tmp_path):
    """The folder that the archive unpacks to, the masks in it."""
    write_images(tmp_path / "ChinaSet_AllFiles")
    write_masks(tmp_path / "ChinaSet_AllFiles/mask")
    return tmp_path


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "shenzhen"

    @pytest.fixture
    def kwargs(self, root):
        """The folder above."""
        return {"root": str(root)}


def test_items_hold_the_readings(root):
    """Age and sex from the first line, the text of the others in one."""
    first, second, third = readers.create("shenzhen", root=str(root)).items()
    assert first == {
        "image": str(root / "ChinaSet_AllFiles/CXR_png/CHNCXR_0001_0.png"),
        "patient": "0001",
        "tuberculosis": False,
        "age": 45,
        "sex": "M",
        "reading": "normal",
    }
    assert (second["patient"], second["tuberculosis"], second["age"], second["sex"]) == (
        "0327",
        True,
        22,
        "F",
    )
    assert second["reading"] == "PTB in the left middle field"
    assert (third["age"], third["sex"], third["reading"]) == (None, None, None)


@pytest.mark.parametrize(
    ("line", "age", "sex"),
    [
        ("male 45yrs", 45, "M"),
        ("Female, 30 yrs", 30, "F"),
        ("female24yrs", 24, "F"),
        ("femal 33yrs", 33, "F"),
        ("male ,16 months", 1, "M"),
        ("male 7month", 0, "M"),
        ("female 8days", 0, "F"),
        ("male 40", None, "M"),
        ("", None, None),
        ("normal", None, None),
    ],
)
def test_first_lines_as_people_write_them(root, line, age, sex):
    """Months are no years, and a number without a unit is no age."""
    path = root / "ChinaSet_AllFiles/ClinicalReadings/CHNCXR_0001_0.txt"
    path.write_text(f"{line}\nnormal")
    item = readers.create("shenzhen", root=str(root)).items()[0]
    assert (item["age"], item["sex"]) == (age, sex)


def test_rgb_and_palettes_are_the_same_picture(root):
    """A palette's colours count, not its numbers."""
    reader = readers.create("shenzhen", root=str(root))
    for item in reader.items():
        radiograph = reader.read(item["image"])
        assert np.array_equal(radiograph.pixels, np.float32(GREY) / np.float32(255))
        assert radiograph.spacing_mm is None


def test_labels_where_there_are_masks(root):
    """Both lungs in one mask; an image without has none."""
    reader = readers.create("shenzhen", root=str(root))
    assert [reader.has_label(item) for item in reader.items()] == [True, True, False]
    label = reader.read_label(reader.items()[0])
    assert np.array_equal(label.masks, MASK[None])
    assert (label.classes, label.truth, label.heart) == (("lungs",), "human", "excluded")
    assert [len(reader.files(item)) for item in reader.items()] == [2, 2, 1]


@pytest.mark.parametrize("place", ["mask", "masks", "mask/mask"])
def test_masks_beside_the_images(tmp_path, place):
    """The masks are a download of their own, which people unpack in several ways."""
    write_images(tmp_path)
    write_masks(tmp_path / place)
    reader = readers.create("shenzhen", root=str(tmp_path))
    assert sum(reader.has_label(item) for item in reader.items()) == 2


def test_masks_elsewhere(tmp_path):
    """`masks` names their folder; one without them is an error."""
    write_images(tmp_path / "images")
    write_masks(tmp_path / "elsewhere")
    arguments = {"root": str(tmp_path / "images")}
    reader = readers.create("shenzhen", **arguments, masks=str(tmp_path / "elsewhere"))
    assert sum(reader.has_label(item) for item in reader.items()) == 2
    with pytest.raises(DataError, match="gone: holds no mask of an image"):
        readers.create("shenzhen", **arguments, masks=str(tmp_path / "gone"))


def test_a_mask_of_another_size(root):
    """Nothing is resized."""
    Image.fromarray(MASK[:32] * 255).save(root / "ChinaSet_AllFiles/mask/CHNCXR_0001_0_mask.png")
    reader = readers.create("shenzhen", root=str(root))
    with pytest.raises(CxrReadError, match=r"_mask\.png: is 48 x 32 pixels, but its image .* is 48 x 64"):
        reader.read_label(reader.items()[0])
