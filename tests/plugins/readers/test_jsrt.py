"""The JSRT reader, on files of the published layout and size."""

import logging
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, readers
from cxrtk.testing import ReaderContract

# Rows as the tables have them: tabs for nodules, blanks for the others; a carriage return ends a line.
NODULES = (
    "JPCLN001.IMG\t5\t15\t53\tmale\t1634\t692\tmalignant\tl.upper lobe\tlung cancer\r"
    "JPCLN002.IMG\t1\t30\t?\tfemale\t1614\t1090\tbenign\tl.upper lobe(S5)\tpulmonary hematoma\r"
)
NO_NODULES = "JPCNN001.IMG   54   male    non-nodule\rJPCNN002.IMG   ?    female  non-nodule\r\x1a"

# The first row of each image is 4095, 0, 1, 2 ...; the others are 0 to 2047.
FIRST_ROW = [4095, *range(2047)]
IMAGE = struct.pack(">2048H", *FIRST_ROW) + struct.pack(">2048H", *range(2048)) * 2047

# Organ -> (top, bottom, left, right) of a rectangle in the mask; the patient's right is on the left.
BOXES = {
    "right lung": (100, 700, 150, 400),
    "left lung": (100, 700, 600, 850),
    "heart": (400, 750, 401, 599),
    "right clavicle": (60, 90, 200, 400),
    "left clavicle": (60, 90, 600, 800),
}


def write_mask(path: Path, box: tuple[int, int, int, int]) -> None:
    top, bottom, left, right = box
    mask = np.zeros((1024, 1024), np.uint8)
    mask[top:bottom, left:right] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).save(path)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three images; two have masks, one in each fold; both tables."""
    folder: Path = tmp_path_factory.mktemp("jsrt")
    (folder / "All247images").mkdir()
    for name in ("JPCLN001", "JPCLN002", "JPCNN001"):
        (folder / "All247images" / f"{name}.IMG").write_bytes(IMAGE)
    (folder / "CLNDAT_EN.txt").write_bytes(NODULES.encode("ascii"))
    (folder / "CNNDAT_EN.TXT").write_bytes(NO_NODULES.encode("ascii"))
    for fold, name in ((1, "JPCLN001"), (2, "JPCLN002")):
        for organ, box in BOXES.items():
            write_mask(folder / f"scratch/fold{fold}/masks/{organ}/{name}.gif", box)
    return folder


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "jsrt"

    @pytest.fixture
    def kwargs(self, root):
        """The folder above."""
        return {"root": str(root)}


def test_items_hold_the_tables(root):
    """Each image has its line of one of the two tables; a question mark is nothing known."""
    rows = [dict(item) for item in readers.create("jsrt", root=str(root)).items()]
    assert [row.pop("image") for row in rows] == [
        str(root / "All247images" / name) for name in ("JPCLN001.IMG", "JPCLN002.IMG", "JPCNN001.IMG")
    ]
    unknown = dict.fromkeys(("subtlety", "size_mm", "x", "y", "malignancy", "diagnosis"))
    nodule = {"subtlety": 5, "size_mm": 15.0, "x": 1634, "y": 692, "malignancy": "malignant"}
    assert rows[0] == {
        "patient": "JPCLN001",
        "nodule": True,
        "age": 53,
        "sex": "M",
        **nodule,
        "diagnosis": "l.upper lobe lung cancer",
    }
    assert (rows[1]["age"], rows[1]["sex"], rows[1]["malignancy"]) == (None, "F", "benign")
    assert rows[2] == {"patient": "JPCNN001", "nodule": False, "age": 54, "sex": "M", **unknown}


def test_pixels_are_turned_over(root):
    """The upper byte comes first; a large number, a dark place of the film, is not dense."""
    radiograph = readers.create("jsrt", root=str(root)).read(root / "All247images/JPCLN001.IMG")
    assert radiograph.pixels.shape == (2048, 2048)
    assert radiograph.pixels[0, :3].tolist() == pytest.approx([0.0, 1.0, 4094 / 4095])
    assert radiograph.pixels[1, 2047] == pytest.approx((4095 - 2047) / 4095)
    assert (radiograph.spacing_mm, radiograph.spacing_source) == ((0.175, 0.175), "table")
    assert radiograph.meta["polarity"] == "inverted"


@pytest.mark.parametrize("clavicles", [False, True])
def test_each_mask_pixel_is_two_by_two(root, clavicles):
    """A rectangle of the mask is the rectangle of twice its corners in the label."""
    reader = readers.create("jsrt", root=str(root), clavicles=clavicles)
    wanted = ["right lung", "left lung", "heart", "right clavicle", "left clavicle"][: 5 if clavicles else 3]
    for item in reader.items()[:2]:
        label = reader.read_label(item)
        assert label.classes == tuple(organ.replace(" ", "_") for organ in wanted)
        assert (label.truth, label.heart) == ("human", "excluded")
        for mask, organ in zip(label.masks, wanted, strict=True):
            top, bottom, left, right = (2 * edge for edge in BOXES[organ])
            expected = np.zeros((2048, 2048), np.uint8)
            expected[top:bottom, left:right] = 1
            assert np.array_equal(mask, expected)
    assert reader.read_label(reader.items()[2]) is None


def test_files_of_an_item(root):
    """A cache asks which files to watch: the image and three masks."""
    reader = readers.create("jsrt", root=str(root))
    names = [Path(file).parent.name + "/" + Path(file).name for file in reader.files(reader.items()[0])]
    assert names[1:] == [f"{organ}/JPCLN001.gif" for organ in ("right lung", "left lung", "heart")]
    assert len(reader.files(reader.items()[2])) == 1


@pytest.fixture
def flat(tmp_path):
    """Empty image files in the root itself, which can be listed, not read."""
    for name in ("jpcln001.img", "JPCNN001.IMG"):
        (tmp_path / name).touch()
    return tmp_path


def test_the_flat_layout(flat):
    """Images in the root, in small letters, and ``masks/`` beside them; no tables."""
    for organ in ("right lung", "left lung", "heart"):
        write_mask(flat / "masks" / organ / "JPCLN001.png", BOXES[organ])
    reader = readers.create("jsrt", root=str(flat))
    assert [item["patient"] for item in reader.items()] == ["JPCLN001", "JPCNN001"]
    assert [reader.has_label(item) for item in reader.items()] == [True, False]
    assert reader.items()[0]["age"] is None


def test_masks_elsewhere(flat, root):
    """`masks` names the folder of SCR where it lies elsewhere; one that holds none is an error."""
    reader = readers.create("jsrt", root=str(flat), masks=str(root / "scratch"))
    assert [reader.has_label(item) for item in reader.items()] == [True, False]
    for wrong, message in ((flat, "holds no masks; expected"), (flat / "gone", "gone: no such folder")):
        with pytest.raises(DataError, match=message):
            readers.create("jsrt", root=str(flat), masks=str(wrong))


def test_a_mask_in_both_folds(flat):
    """Which one is right cannot be told."""
    for fold in (1, 2):
        write_mask(flat / f"fold{fold}/masks/heart/JPCLN001.gif", BOXES["heart"])
    with pytest.raises(DataError, match=r"fold2.*JPCLN001\.gif: there is .*fold1.* too; remove one"):
        readers.create("jsrt", root=str(flat))


def test_an_image_in_both_cases(flat):
    """Two files of one name are an error."""
    (flat / "JPCLN001.IMG").touch()
    if len(list(flat.iterdir())) < 3:
        pytest.skip("this file system does not tell upper from lower case")
    with pytest.raises(DataError, match="is there twice"):
        readers.create("jsrt", root=str(flat))


def test_a_mask_of_another_size(flat):
    """Only 1024 x 1024 and 2048 x 2048 fit; nothing else is resized."""
    for organ in ("right lung", "left lung", "heart"):
        path = flat / "masks" / organ / "JPCLN001.gif"
        path.parent.mkdir(parents=True)
        Image.new("L", (512, 256)).save(path)
    reader = readers.create("jsrt", root=str(flat))
    with pytest.raises(CxrReadError, match=r"right lung.*JPCLN001\.gif: is 512 x 256 pixels"):
        reader.read_label(reader.items()[0])


def test_little_endian_files_are_refused(flat):
    """Files that were converted to the other byte order are an error, not noise."""
    path = flat / "JPCNN001.IMG"
    path.write_bytes(struct.pack("<2048H", *range(2048)) * 2048)
    with pytest.raises(CxrReadError, match=r"JPCNN001\.IMG: holds samples up to 65287.* big-endian"):
        readers.create("jsrt", root=str(flat)).read(path)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", ""])
def test_lines_end_in_any_way(flat, end):
    """CR, LF, both, or nothing at all between two records."""
    lines = NODULES.split("\r")[0:2]
    (flat / "Clinical_Information").mkdir()
    (flat / "Clinical_Information" / "CLNDAT_EN.txt").write_text(end.join([*lines, ""]), newline="")
    item = readers.create("jsrt", root=str(flat)).items()[0]
    assert (item["x"], item["diagnosis"]) == (1634, "l.upper lobe lung cancer")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no image"),
        ("JPCLN001.IMG 5 15 53", "line 1: JPCLN001: has 3 columns"),
        ("\nJPCLN001.IMG 5 15 old male 1 2 benign", "line 2: JPCLN001: .*'old'"),
        ("\r\nJPCLN001.IMG 5 15 53 man 1 2 benign", "line 2: JPCLN001: 'man' is neither"),
        ("JPCNN001.IMG 54 male nodule", "line 1: JPCNN001: '54 male nodule' is no"),
        ("JPCNN001.IMG 54 male non-nodule\r\n" * 2, "line 2: JPCNN001 was named before"),
    ],
)
def test_a_wrong_line_is_named(flat, text, message):
    """File and line, for each way in which a line can be wrong."""
    (flat / "CLNDAT_EN.txt").write_text(text, newline="")
    with pytest.raises(DataError, match=rf"CLNDAT_EN\.txt: {message}"):
        readers.create("jsrt", root=str(flat))


def test_what_is_missing_is_counted(root, caplog):
    """The log says how many images have masks and rows."""
    caplog.set_level(logging.INFO)
    readers.create("jsrt", root=str(root))
    assert "2 of 3 images have a heart." in caplog.text
    assert "0 images have no row." in caplog.text
