"""The CheXmask reader, on small tables and image trees of each of the five sets."""

import csv
import io
import logging
import tracemalloc
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset

from cxrtk import CxrReadError, DataError, readers
from cxrtk.testing import ReaderContract

SIZE = (40, 30)  # H, W
HEADER = ["Image Index", "Dice RCA (Mean)", "Dice RCA (Max)", "Landmarks"]
HEADER += ["Left Lung", "Right Lung", "Heart", "Height", "Width"]
# Organ -> (first row, behind the last, first column, behind the last); the patient's right is on the left.
BOXES = {"Right Lung": (5, 30, 3, 12), "Left Lung": (5, 30, 17, 27), "Heart": (15, 32, 12, 17)}
LANDMARKS = "[[ 950  268]\n [ 881  279]\n\n [ 806  323]]"  # as numpy prints them: over several lines


def rle(box: tuple[int, int, int, int], width: int = SIZE[1]) -> str:
    """Runs along the rows, counted from 1, as the publication's own code writes them."""
    top, bottom, left, right = box
    return " ".join(f"{row * width + left + 1} {right - left}" for row in range(top, bottom))


def row(name: str, mean: object = 0.85, **changes: object) -> list[str]:
    """One row of a table."""
    cells: dict[str, object] = dict.fromkeys(HEADER, "")
    cells |= {"Image Index": name, "Dice RCA (Mean)": mean, "Dice RCA (Max)": 0.9, "Landmarks": LANDMARKS}
    cells |= {organ: rle(box) for organ, box in BOXES.items()} | {"Height": SIZE[0], "Width": SIZE[1]}
    cells |= {key.replace("_", " "): value for key, value in changes.items()}
    return [str(cell) for cell in cells.values()]


def write_table(path: Path, rows: list[list[str]], column: str = "Image Index") -> Path:
    """A CSV as pandas writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[column, *HEADER[1:]], *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def write_image(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """A grey gradient."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.arange(size[0] * size[1], dtype=np.uint32).reshape(size).astype(np.uint8)).save(path)
    return path


NAMES = ("00000001_000.png", "00000001_001.png", "00000013_003.png")


@pytest.fixture
def root(tmp_path):
    """NIH: three images in two folders, all in the table."""
    write_image(tmp_path / "images_001/images" / NAMES[0])
    write_image(tmp_path / "images_001/images" / NAMES[1])
    write_image(tmp_path / "images_002/images" / NAMES[2])
    write_image(tmp_path / "masks" / NAMES[0])  # of something else: masks are no images
    write_table(tmp_path / "ChestX-ray8.csv", [row(name) for name in NAMES])
    return tmp_path


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "chexmask"

    @pytest.fixture
    def kwargs(self, root):
        """The folder above."""
        return {"root": str(root)}


def test_items_in_the_order_of_the_table(root):
    """Name, patient, both scores, and the line where a row begins: each row has four lines here."""
    write_table(root / "ChestX-ray8.csv", [row(name) for name in reversed(NAMES)])
    items = readers.create("chexmask", root=str(root)).items()
    assert items[0] == {
        "image": str(root / "images_002/images" / NAMES[2]),
        "patient": "00000013",
        "name": NAMES[2],
        "rca_mean": 0.85,
        "rca_max": 0.9,
        "line": 2,
    }
    assert [(item["patient"], item["line"]) for item in items[1:]] == [("00000001", 6), ("00000001", 10)]


def test_masks_run_along_the_rows(root):
    """Each organ is the rectangle that was encoded; a network drew it, and the heart is no lung."""
    reader = readers.create("chexmask", root=str(root))
    for item in reader.items():
        label = reader.read_label(item)
        assert label.classes == ("right_lung", "left_lung", "heart")
        assert (label.truth, label.heart) == ("model", "excluded")
        for mask, organ in zip(label.masks, ("Right Lung", "Left Lung", "Heart"), strict=True):
            top, bottom, left, right = BOXES[organ]
            expected = np.zeros(SIZE, np.uint8)
            expected[top:bottom, left:right] = 1
            assert np.array_equal(mask, expected)


def test_each_row_has_its_own_masks(root):
    """Rows are found again by their place in the file, behind cells with line ends and other letters."""
    boxes = {name: (number + 1, number + 3, 2, 9) for number, name in enumerate(NAMES)}
    rows = [row(name, Heart=rle(box), Landmarks="ü\r\n図\n" * 3) for name, box in boxes.items()]
    write_table(root / "ChestX-ray8.csv", rows)
    reader = readers.create("chexmask", root=str(root))
    for item in reader.items():
        top, bottom, left, right = boxes[item["name"]]
        heart = reader.read_label(item).masks[2]
        assert (heart.sum(), heart[top:bottom, left:right].sum()) == (14, 14)


def test_a_byte_order_mark_and_crlf_do_no_harm(root):
    """As spreadsheets save it."""
    path = root / "ChestX-ray8.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    reader = readers.create("chexmask", root=str(root))
    assert len(reader.items()) == 3
    assert reader.read_label(reader.items()[2]).masks.sum() > 0


def test_files_of_an_item(root):
    """The masks lie in the table."""
    reader = readers.create("chexmask", root=str(root))
    item = reader.items()[0]
    assert reader.files(item) == [item["image"], str(root / "ChestX-ray8.csv")]


@pytest.mark.parametrize(("min_rca", "kept"), [(0.7, 2), (0.0, 3), (0.71, 1), (0.9, 1)])
def test_poor_rows_are_left_out(root, min_rca, kept):
    """The bound itself is kept; a row without a score never is."""
    write_image(root / "00000020_000.png")
    scores = zip((*NAMES, "00000020_000.png"), (0.7, 0.9, 0.4, ""), strict=True)
    write_table(root / "ChestX-ray8.csv", [row(name, mean=score) for name, score in scores])
    assert len(readers.create("chexmask", root=str(root), min_rca=min_rca).items()) == kept


def test_missing_images_are_named_with_their_lines(root, caplog):
    """A row whose image is not there is left out, and the log says which and how many."""
    write_table(root / "ChestX-ray8.csv", [row("00000099_000.png"), row(NAMES[0]), row("00000099_001.png")])
    caplog.set_level(logging.INFO)
    assert len(readers.create("chexmask", root=str(root)).items()) == 1
    lines = "line 2 (00000099_000.png), line 10 (00000099_001.png)"
    assert f"ChestX-ray8.csv: no image for 2 rows, left out: {lines}." in caplog.text
    assert "3 rows, of which 0 are below min_rca 0.7 and 2 have no image" in caplog.text


def test_no_row_with_an_image(root):
    """An empty data set is an error that says why it is empty."""
    write_table(root / "ChestX-ray8.csv", [row("00000099_000.png"), row(NAMES[0], mean=0.1)])
    with pytest.raises(DataError, match=r"of 2 rows 1 are below min_rca 0\.7 and 1 have no image"):
        readers.create("chexmask", root=str(root))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (row(NAMES[0]), f"line 6: '{NAMES[0]}' was named before, on line 2"),
        (row(NAMES[1])[:-1], "line 6: has 8 columns, the header 9"),
        (row(NAMES[1], mean="good"), "line 6: could not convert string to float: 'good'"),
        (row(NAMES[1], mean=7), "line 6: '7' is no Dice RCA"),
        (row(NAMES[1], Height="4O"), "line 6: invalid literal .*'4O'"),
        (row(NAMES[1], Width=0), "line 6: Width is 0"),
        (row(NAMES[1], Heart="1 " * 70_000), r"line 6: cannot be read: field larger than field limit"),
    ],
)
def test_a_wrong_row_is_named(root, wrong, message):
    """File and line, for what can be seen without decoding a mask."""
    write_table(root / "ChestX-ray8.csv", [row(NAMES[0]), wrong, row(NAMES[2])])
    with pytest.raises(DataError, match=rf"ChestX-ray8\.csv: {message}"):
        readers.create("chexmask", root=str(root))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("40 30 7", "has 3 numbers, which are no pairs"),
        ("1 5 1195 7", r"run 2 \(start 1195, length 7\) ends behind the last of 40 x 30 = 1200 pixels"),
        ("10 5 3 2", "run 2 .* begins before pixel 15"),
        ("10 -5", "holds '-5', which is no whole number"),
    ],
)
def test_a_bad_rle_names_line_and_organ(root, text, message):
    """Only its own image suffers: the others have their labels."""
    write_table(root / "ChestX-ray8.csv", [row(NAMES[0]), row(NAMES[1], Left_Lung=text)])
    reader = readers.create("chexmask", root=str(root))
    assert reader.read_label(reader.items()[0]) is not None
    with pytest.raises(CxrReadError, match=rf"ChestX-ray8\.csv: line 6: Left Lung: {message}") as raised:
        reader.read_label(reader.items()[1])
    assert raised.value.code == "label"


def test_an_image_of_another_size(root):
    """Preprocessed/ and OriginalResolution/ differ for most sets; what to take is said."""
    path = write_image(root / "images_001/images" / NAMES[0], (80, 60))
    reader = readers.create("chexmask", root=str(root))
    message = r"line 2: is 30 x 40 pixels, but its image .* is 60 x 80; take OriginalResolution/"
    with pytest.raises(CxrReadError, match=message):
        reader.read_label({"image": str(path)})


def test_a_table_that_changed(root):
    """The places of rows no longer hold; a mask is never given to another image."""
    reader = readers.create("chexmask", root=str(root))
    write_table(root / "ChestX-ray8.csv", [row(name) for name in reversed(NAMES)])
    with pytest.raises(CxrReadError, match=r"line 2: is no longer the row of 00000001_000\.png; start again"):
        reader.read_label(reader.items()[0])


def test_a_table_cut_off(root):
    """Wherever a download stopped, it is an error with a line, or a table of whole rows."""
    path = root / "ChestX-ray8.csv"
    whole = path.read_bytes()
    for length in range(len(whole) - 700, len(whole) - 3, 7):
        path.write_bytes(whole[:length])
        try:
            reader = readers.create("chexmask", root=str(root))
        except DataError as error:
            assert "line " in str(error)
        else:
            assert len(reader.items()) == 2


def test_two_images_of_one_name(root):
    """Which one the masks are of cannot be told."""
    write_image(root / "images_003/images" / NAMES[0])
    with pytest.raises(DataError, match=r"line 2: there are two images 00000001_000: .*_001.*_003"):
        readers.create("chexmask", root=str(root))


# --- the other sets


def test_chexpert(tmp_path):
    """Images are found by path, with or without the folder that the archive unpacks to."""
    names = (
        "train/patient40255/study2/view1_frontal.jpg",
        "CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg",
    )
    write_image(tmp_path / "CheXpert-v1.0/train/patient40255/study2/view1_frontal.jpg")
    write_image(tmp_path / "CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg")
    write_table(tmp_path / "OriginalResolution/CheXpert.csv", [row(name) for name in names], column="Path")
    reader = readers.create("chexmask", root=str(tmp_path))
    assert [item["patient"] for item in reader.items()] == ["patient40255", "patient00001"]
    assert reader.read_label(reader.items()[1]) is not None


@pytest.mark.parametrize("name", ["../outside.png", "/etc/passwd", "a/../../outside.png", ""])
def test_no_path_leads_out_of_the_folder(tmp_path, name):
    """A table is a stranger's: it opens nothing outside the images."""
    write_image(tmp_path / "outside.png")
    write_table(tmp_path / "data/CheXpert.csv", [row(name)], column="Path")
    with pytest.raises(DataError, match=r"CheXpert\.csv: line 2: .* is no path below the images"):
        readers.create("chexmask", root=str(tmp_path / "data"))


MIMIC_ID = "02aa804e-bde0afdd-112c0b34-7bc16630-4e384014"


def test_mimic(tmp_path):
    """The patient is the folder that the archive has; not the group of patients above it."""
    write_image(tmp_path / f"files/p10/p10000032/s50414267/{MIMIC_ID}.jpg")
    write_table(tmp_path / "MIMIC-CXR-JPG.csv", [row(MIMIC_ID)], column="dicom_id")
    (item,) = readers.create("chexmask", root=str(tmp_path)).items()
    assert item["patient"] == "p10000032"


def test_mimic_in_one_folder(tmp_path):
    """Without those folders the metadata name the patients; without both it is an error."""
    write_image(tmp_path / f"{MIMIC_ID}.jpg")
    write_table(tmp_path / "MIMIC-CXR-JPG.csv", [row(MIMIC_ID)], column="dicom_id")
    with pytest.raises(DataError, match=r"line 2: .* is in no folder that names the patient"):
        readers.create("chexmask", root=str(tmp_path))
    metadata = tmp_path / "meta/mimic-cxr-2.0.0-metadata.csv"
    metadata.parent.mkdir()
    metadata.write_text(f"dicom_id,subject_id,study_id\n{MIMIC_ID},10000032,50414267\n")
    (item,) = readers.create("chexmask", root=str(tmp_path), patients=str(metadata)).items()
    assert item["patient"] == "10000032"


PADCHEST_ID = "216840111366964013076187734852011201090749220_00-141-151.png"


def padchest(folder: Path, table: str) -> dict[str, str]:
    """An image, its masks, and the table of PadChest."""
    write_image(folder / "0" / PADCHEST_ID)
    write_table(folder / "Padchest.csv", [row(PADCHEST_ID)], column="ImageID")
    (folder / "own").mkdir()
    (folder / "own/PADCHEST.csv").write_text(table)
    return {"root": str(folder), "patients": str(folder / "own/PADCHEST.csv")}


def test_padchest(tmp_path):
    """Its own table names the patients; a name alone does not."""
    arguments = padchest(tmp_path, f",ImageID,StudyID,PatientID\n0,{PADCHEST_ID},20,839860488694292331637\n")
    (item,) = readers.create("chexmask", **arguments).items()
    assert item["patient"] == "839860488694292331637"
    with pytest.raises(DataError, match="do not tell the patients; pass its table as patients="):
        readers.create("chexmask", root=str(tmp_path))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("ImageID,Patient\na,b\n", r"PADCHEST\.csv: line 1: needs the columns 'ImageID' and 'PatientID'"),
        ("ImageID,PatientID\na.png\n", r"PADCHEST\.csv: line 2: has 1 columns, the header 2"),
        ("ImageID,PatientID\na.png,1\n", r"Padchest\.csv: line 2: .*PADCHEST\.csv has no patient for 2168"),
        (f"ImageID,PatientID\n{PADCHEST_ID},\n", r"Padchest\.csv: line 2: .* has no patient for 2168"),
    ],
)
def test_a_wrong_table_of_patients(tmp_path, table, message):
    """A patient is never guessed, for a split by patient would leak."""
    with pytest.raises(DataError, match=message):
        readers.create("chexmask", **padchest(tmp_path, table))


def write_dicom(path: Path) -> None:
    """A plain DX file of `SIZE`."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    dataset.Modality, dataset.PhotometricInterpretation, dataset.SamplesPerPixel = "DX", "MONOCHROME2", 1
    dataset.Rows, dataset.Columns = SIZE
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = np.arange(SIZE[0] * SIZE[1], dtype=np.uint16).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def test_vindr(tmp_path):
    """Its images are DICOM files; nothing tells the patients, so each image counts as one."""
    names = ("000434271f63a053c4128a0ba6352c7f", "00053190460d56c53cc3e57321387478")
    (tmp_path / "train").mkdir()
    for name in names:
        write_dicom(tmp_path / f"train/{name}.dicom")
    write_table(tmp_path / "VinDr-CXR.csv", [row(name) for name in names], column="image_id")
    reader = readers.create("chexmask", root=str(tmp_path))
    assert [item["patient"] for item in reader.items()] == list(names)
    item = reader.items()[0]
    assert reader.read(item["image"]).pixels.shape == reader.read_label(item).masks.shape[1:]


# --- settings


def test_the_column_of_the_data_dictionary(root):
    """``Image ID`` may be of any set, so it must be said which."""
    write_table(root / "ChestX-ray8.csv", [row(name) for name in NAMES], column="Image ID")
    with pytest.raises(DataError, match="'Image ID' with source="):
        readers.create("chexmask", root=str(root))
    assert readers.create("chexmask", root=str(root), source="nih").items()[0]["patient"] == "00000001"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "nihh"}, "source must be one of nih, .*, not 'nihh'"),
        ({"source": "vindr"}, "line 1: one of the columns"),
        ({"min_rca": 70}, "min_rca must be from 0 to 1, not 70"),
        ({"patients": "x.csv"}, "patients= is for mimic and padchest; leave it out"),
        ({"table": "gone.csv"}, "gone.csv: cannot be read: No such file"),
    ],
)
def test_wrong_settings(root, arguments, message):
    """Each is named, with what it may be."""
    with pytest.raises(DataError, match=message):
        readers.create("chexmask", root=str(root), **arguments)


def test_which_table(root):
    """Other CSV files do not count; two tables are one too many; another file is none."""
    (root / "Data_Entry_2017.csv").write_text("Image Index,Finding Labels\n")
    assert readers.create("chexmask", root=str(root)).items()
    second = write_table(root / "Other.csv", [row(NAMES[0])])
    with pytest.raises(DataError, match=r"needs one table of CheXmask.*but has ChestX-ray8\.csv, Other\.csv"):
        readers.create("chexmask", root=str(root))
    assert len(readers.create("chexmask", root=str(root), table=str(second)).items()) == 1
    with pytest.raises(DataError, match=r"line 1: has no column Dice RCA .*; is it a table of CheXmask"):
        readers.create("chexmask", root=str(root), table=str(root / "Data_Entry_2017.csv"))


def test_memory_does_not_grow_with_the_masks(root):
    """A table of more than 18 MB is listed in less than 4 MB: places are kept, not runs."""
    long = " ".join(f"{start} 1" for start in range(1, 9000, 2))
    rows = [row(f"9{number:07d}_000.png", Heart=long, Left_Lung=long) for number in range(400)]
    path = write_table(root / "ChestX-ray8.csv", [*rows, row(NAMES[0])])
    assert path.stat().st_size > 18e6
    tracemalloc.start()
    try:
        reader = readers.create("chexmask", root=str(root))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(reader.items()) == 1
    assert peak < 4e6
