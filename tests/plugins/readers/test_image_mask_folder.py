"""The reader of images with masks beside them: pairs, manifests, formats, and four real data sets."""

import csv
import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
import pytest
from PIL import Image

from cxrtk import ConfigError, CxrReadError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

IMAGE = np.arange(20 * 30, dtype=np.uint32).reshape(20, 30).astype(np.uint8)  # H = 20, W = 30
MASK = np.zeros((20, 30), np.uint8)
MASK[3:14, 4:12] = 1


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("image_mask_folder", root=str(root), **arguments)


def save(path: Path, array: np.ndarray) -> None:
    """PNG, or NIfTI by the name's suffix."""
    path.parent.mkdir(exist_ok=True)
    if path.suffix in (".nii", ".gz"):
        nib.save(nib.Nifti1Image(array.T, np.diag([-1.0, -1.0, 1.0, 1.0])), path)
    else:
        Image.fromarray(array).save(path, "PNG")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Images a, b and c; masks for a and b."""
    for number, stem in enumerate("abc"):
        save(tmp_path / "images" / f"{stem}.png", IMAGE + np.uint8(number))
    for stem in "ab":
        save(tmp_path / "masks" / f"{stem}.png", MASK * 255)
    return tmp_path


class TestContract(ReaderContract):
    """What holds for every reader, on real pairs."""

    plugin = "image_mask_folder"

    @pytest.fixture
    def kwargs(self, cxrtk_data: Path) -> dict[str, Any]:
        return {"root": str(cxrtk_data / "openist")}


def test_images_and_masks_are_paired_by_stem(root: Path) -> None:
    """Images without a mask are listed, and say that they have none; patients are the stems."""
    reader = reader_of(root)
    items = reader.items()
    assert [(item["stem"], item["patient"]) for item in items] == [("a", "a"), ("b", "b"), ("c", "c")]
    assert [reader.has_label(item) for item in items] == [True, True, False]
    assert reader.read_label(items[2]) is None
    label = reader.read_label(items[1])
    assert label is not None
    assert np.array_equal(label.masks, MASK[None])
    assert np.array_equal(
        reader.read(items[1]["image"]).pixels, ((IMAGE + np.uint8(1)) / 255).astype(np.float32)
    )


def test_who_made_the_masks_can_be_said(root: Path) -> None:
    """By default a human; an argument or about.json says otherwise, together they must agree."""

    def truth(**arguments: str) -> tuple[str, str]:
        reader = reader_of(root, **arguments)
        label = reader.read_label(reader.items()[0])
        assert label is not None
        return label.truth, label.heart

    assert truth() == ("human", "unknown")
    assert truth(truth="model", heart="included") == ("model", "included")
    (root / "masks" / "about.json").write_text(json.dumps({"truth": "generated", "heart": "excluded"}))
    assert truth() == ("generated", "excluded")
    with pytest.raises(DataError, match="'generated', but truth='human'"):
        reader_of(root, truth="human")


@pytest.mark.parametrize("image_suffix", [".png", ".nii", ".nii.gz", ""])
@pytest.mark.parametrize("mask_suffix", [".PNG", ".nii", ".nii.gz"])
def test_suffixes_may_differ(image_suffix: str, mask_suffix: str, tmp_path: Path) -> None:
    """Each file is read by its content; NIfTI and PNG lie on top of each other."""
    save(tmp_path / "images" / f"x.1{image_suffix}", IMAGE)
    save(tmp_path / "masks" / f"x.1{mask_suffix}", MASK)
    reader = reader_of(tmp_path)
    [item] = reader.items()
    label = reader.read_label(item)
    assert item["stem"] == "x.1"
    assert np.array_equal(reader.read(item["image"]).pixels, (IMAGE / 255).astype(np.float32))
    assert label is not None
    assert np.array_equal(label.masks[0], MASK)


def test_dicom_images_take_png_masks(tmp_path: Path, cxrtk_data: Path) -> None:
    """A real DICOM file is paired by its stem, and its mask checked against the size in its header."""
    source = cxrtk_data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm"
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "dog.dcm").write_bytes(source.read_bytes())
    header = pydicom.dcmread(source, stop_before_pixels=True)
    mask = np.zeros((header.Rows, header.Columns), np.uint8)
    mask[20:60, 30:90] = 255
    save(tmp_path / "masks" / "dog.png", mask)
    reader = reader_of(tmp_path)
    [item] = reader.items()
    label = reader.read_label(item)
    assert reader.read(item["image"]).pixels.shape == (header.Rows, header.Columns)
    assert label is not None
    assert np.array_equal(label.masks[0], mask > 0)


def test_dicom_masks_are_read(tmp_path: Path, cxrtk_data: Path) -> None:
    """A DICOM file of two values is a mask."""
    data = pydicom.dcmread(cxrtk_data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm")
    mask = np.zeros((data.Rows, data.Columns), np.uint8)
    mask[20:60, 30:90] = 255
    for keyword in (
        "WindowCenter",
        "WindowWidth",
        "VOILUTSequence",
        "ModalityLUTSequence",
        "PresentationLUTShape",
    ):
        if keyword in data:
            delattr(data, keyword)
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelData = mask.tobytes() + b"\0" * (mask.size % 2)
    save(tmp_path / "images" / "dog.png", mask)
    (tmp_path / "masks").mkdir()
    data.save_as(tmp_path / "masks" / "dog.dcm")
    reader = reader_of(tmp_path)
    label = reader.read_label(reader.items()[0])
    assert label is not None
    assert np.array_equal(label.masks[0], mask > 0)


def test_a_manifest_adds_its_columns(root: Path) -> None:
    """Every column is kept as text; a byte-order mark, CRLF and an unused order of rows do no harm."""
    text = '\ufeffpatient,stem,note\r\np2,b,"with, comma"\r\np1,c,\r\np1,a,007\r\n'
    (root / "manifest.csv").write_bytes(text.encode())
    items = reader_of(root).items()
    assert [{**item, "image": Path(item["image"]).name} for item in items] == [
        {"image": "a.png", "patient": "p1", "stem": "a", "note": "007"},
        {"image": "b.png", "patient": "p2", "stem": "b", "note": "with, comma"},
        {"image": "c.png", "patient": "p1", "stem": "c", "note": ""},
    ]


def test_a_manifest_without_patients_is_allowed(root: Path) -> None:
    """Each image is then a patient of its own."""
    (root / "manifest.csv").write_text("stem,age\na,1\nb,2\nc,3\n")
    assert [item["patient"] for item in reader_of(root).items()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stem,patient\na,1\nb,2\nc,3\nd,4\n", "line 5: there is no image 'd'"),
        ("stem,patient\na,1\nb,2\nb,2\nc,3\n", "line 4: 'b' was named before"),
        ("stem,patient\na,1\nb,\nc,3\n", "line 3: 'b' has no patient"),
        ("stem,patient\na,1\nb,2,3\nc,3\n", "line 3: has 3 columns, the header 2"),
        ("stem,patient\na,1\n", r"2 images have no row \(b, c\)"),
        ("stem;patient\na;1\n", "line 1: .*'stem'.*: stem;patient"),
        ("a,1\nb,2\nc,3\n", "line 1: .*'stem'"),
        ("stem,image\na,1\nb,2\nc,3\n", "line 1: has a column 'image'"),
        ("stem,x,x\na,1,2\n", "line 1: has the column 'x' twice"),
        ("", "line 1"),
        ('stem,patient\na,"1\n', "cannot be read"),
        (b"stem,patient\na,M\xfcller\n", "cannot be read.*UTF-8"),
    ],
)
def test_a_manifest_that_does_not_fit_is_named_with_its_line(
    text: str | bytes, said: str, root: Path
) -> None:
    """Nothing in it is guessed or passed over."""
    (root / "manifest.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=rf"manifest\.csv: {said}"):
        reader_of(root)


def test_files_of_the_system_are_passed_over(root: Path) -> None:
    """Leavings of macOS and Windows, notes and folders are neither images nor masks."""
    for folder in ("images", "masks"):
        for name in ("._a.png", ".DS_Store", "Thumbs.db", "notes.txt"):
            (root / folder / name).write_bytes(b"\0\5\x16\7")
        (root / folder / "more.png").mkdir()
    assert [item["stem"] for item in reader_of(root).items()] == ["a", "b", "c"]


@pytest.mark.parametrize("folder", ["images", "masks"])
def test_one_stem_twice_is_an_error(folder: str, root: Path) -> None:
    """Both files are named."""
    save(root / folder / "a.nii.gz", MASK)
    with pytest.raises(DataError, match=r"a\.(png|nii\.gz): has the stem of .*a\.(png|nii\.gz)"):
        reader_of(root)


@pytest.mark.parametrize("made", [[], ["images"], ["masks"]])
def test_no_images_is_an_error(made: list[str], tmp_path: Path) -> None:
    """A missing and an empty folder are named by their absolute paths."""
    for folder in made:
        (tmp_path / folder).mkdir()
    with pytest.raises(DataError, match=f"{tmp_path}/images"):
        reader_of(tmp_path)


def test_masks_of_other_names_are_an_error(root: Path) -> None:
    """Where not one mask has the stem of an image, the names are at fault."""
    for stem in "ab":
        (root / "masks" / f"{stem}.png").rename(root / "masks" / f"{stem}_mask.png")
    with pytest.raises(DataError, match=r"none of 2 masks .*'[ab]_mask' against 'a'"):
        reader_of(root)


def test_a_mask_of_another_size_is_an_error(root: Path) -> None:
    """Both files and both sizes are named; nothing is resized."""
    save(root / "masks" / "a.png", MASK[:10])
    reader = reader_of(root)
    with pytest.raises(CxrReadError, match=r"masks/a\.png: is 30 x 10 .*images/a\.png is 30 x 20"):
        reader.read_label(reader.items()[0])


def test_classes_can_be_named(root: Path) -> None:
    """Numbers in labels/ get the names given; text keys, as JSON has them, serve too."""
    save(root / "labels" / "a.png", MASK * 7)
    reader = reader_of(root, label_classes={"7": "lungs"})
    labels = [reader.read_label(item) for item in reader.items()[:2]]
    assert all(label is not None and label.classes == ("lungs",) for label in labels)
    with pytest.raises(CxrReadError, match=r"class numbers \[7\]"):
        reader_of(root).read_label(reader.items()[0])


SETS = {"jsrt": (186, 186), "openist": (219, 219), "covid_v7": (176, 96), "kermany_v7": (300, 300)}


@pytest.mark.parametrize("name", SETS)
def test_real_sets_are_listed_whole(name: str, cxrtk_data: Path) -> None:
    """Pairs and patients as the data folder's README counts them, columns as its manifest has them."""
    reader = reader_of(cxrtk_data / name)
    items = reader.items()
    assert (len(items), len({item["patient"] for item in items})) == SETS[name]
    assert all(reader.has_label(item) for item in items)
    with (cxrtk_data / name / "manifest.csv").open(newline="") as file:
        rows = {row["stem"]: row for row in csv.DictReader(file)}
    assert [{key: item[key] for key in rows[item["stem"]]} for item in items] == [
        rows[stem] for stem in sorted(rows)
    ]


@pytest.mark.parametrize("name", SETS)
def test_real_pairs_are_read_as_pillow_reads_them(name: str, cxrtk_data: Path) -> None:
    """Every 20th image and mask of each set, by Pillow and numpy alone."""
    reader = reader_of(cxrtk_data / name)
    for item in reader.items()[::20]:
        image, mask = (
            np.asarray(Image.open(cxrtk_data / name / folder / f"{item['stem']}.png").convert("L"))
            for folder in ("images", "masks")
        )
        label = reader.read_label(item)
        assert label is not None
        assert np.array_equal(reader.read(item["image"]).pixels, (image / 255).astype(np.float32))
        assert np.array_equal(label.lungs(), mask > 0)
        assert label.truth == "human"


def test_jsrt_has_both_lungs_and_the_heart(cxrtk_data: Path) -> None:
    """In all 186 both lungs are the mask, the right one on the image's left, the heart apart."""
    reader = reader_of(cxrtk_data / "jsrt")
    for item in reader.items():
        label = reader.read_label(item)
        assert label is not None
        assert (label.classes, label.heart) == (("right_lung", "left_lung", "heart"), "excluded")
        mask = np.asarray(Image.open(cxrtk_data / "jsrt" / "masks" / f"{item['stem']}.png"))
        assert np.array_equal(label.lungs(), mask)
        right, left, heart = (np.nonzero(one)[1].mean() for one in label.masks)
        assert right < heart < left
        assert label.masks.sum(axis=0).max() == 1


def test_a_set_without_masks_is_listed(cxrtk_data: Path) -> None:
    """19 images that are not frontal, none with a mask."""
    reader = reader_of(cxrtk_data / "not_frontal")
    assert len(reader.items()) == 19
    assert not any(reader.has_label(item) for item in reader.items())


OPEN = {"image_license": ["CC BY 4.0", "CC BY 3.0"]}


def test_only_some_rows_of_a_real_set(cxrtk_data: Path) -> None:
    """Those of two licences of the COVID-19 images, counted by the csv module alone, with their masks."""
    root = cxrtk_data / "covid_v7"
    with (root / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["image_license"] in ("CC BY 3.0", "CC BY 4.0")]
    reader = reader_of(root, heart="included", only=OPEN)
    items = reader.items()
    assert [item["stem"] for item in items] == sorted(row["stem"] for row in rows)
    assert {item["patient"] for item in items} == {row["patient"] for row in rows}
    assert (len(items), len({item["patient"] for item in items})) == (90, 48)
    assert all(reader.has_label(item) for item in items)
    whole = {item["stem"]: item for item in reader_of(root).items()}
    assert items == [whole[item["stem"]] for item in items]


def test_rows_must_fit_every_column_named(root: Path) -> None:
    """Of two columns both; the masks of images that are left out are no stray files."""
    (root / "manifest.csv").write_text("stem,sex,view\na,F,PA\nb,F,AP\nc,M,PA\n")
    kept = reader_of(root, only={"sex": ["F"], "view": ["PA", "AP"]})
    assert [item["stem"] for item in kept.items()] == ["a", "b"]
    assert [item["stem"] for item in reader_of(root, only={"view": ["PA"], "sex": ["M"]}).items()] == ["c"]
    assert [item["stem"] for item in reader_of(root, only={}).items()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("only", "error", "said"),
    [
        ({"licence": ["x"]}, DataError, "no column 'licence' to choose by; there are stem, sex, view"),
        ({"sex": ["F", "X"]}, DataError, r"no row has 'X' in 'sex'; there are 'F' \(2\), 'M' \(1\)\."),
        ({"sex": ["M"], "view": ["AP"]}, DataError, "no row has all of"),
        ({"sex": "F"}, ConfigError, "a list of texts for 'sex'"),
        ({"sex": []}, ConfigError, "a list of texts for 'sex'"),
        ({"sex": [1]}, ConfigError, "a list of texts for 'sex'"),
        (["sex"], ConfigError, "a list of texts for a column, not"),
    ],
)
def test_a_choice_that_does_not_fit_is_an_error(
    only: Any, error: type[Exception], said: str, root: Path
) -> None:
    """A mistyped licence must not train on nothing, or on everything; what there is, is named."""
    (root / "manifest.csv").write_text("stem,sex,view\na,F,PA\nb,F,AP\nc,M,PA\n")
    with pytest.raises(error, match=said) as caught:
        reader_of(root, only=only)
    assert error is ConfigError or str(root / "manifest.csv") in str(caught.value)


def test_many_values_are_counted(root: Path) -> None:
    """At most twenty are named."""
    for number in range(30):
        save(root / "images" / f"x{number:02}.png", IMAGE)
    rows = [f"{path.stem},{path.stem}\n" for path in (root / "images").iterdir()]
    (root / "manifest.csv").write_text("stem,note\n" + "".join(rows))
    with pytest.raises(DataError, match=r"no row has 'q' in 'note'; there are .* and 13 more\.") as caught:
        reader_of(root, only={"note": ["q"]})
    assert str(caught.value).count("(1)") == 20


def test_a_choice_needs_a_manifest(root: Path) -> None:
    """Without one there is no column to choose by."""
    with pytest.raises(DataError, match=r"manifest\.csv: is missing or has no rows; only='sex'"):
        reader_of(root, only={"sex": ["F"]})


SIDES = {"right": MASK, "left": np.fliplr(MASK)}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Images and side masks in folders of one's own, with a table."""
    for number, stem in enumerate("abc"):
        save(tmp_path / "imgs" / f"{stem}.png", IMAGE + np.uint8(number))
        for side, mask in SIDES.items():
            save(tmp_path / "segs" / f"{stem}_{side}_mask.png", mask * 255)
    rows = "PatientID;File;Sex\np1;a.png;F\np1;b.png;F\np2;c.png;M\np3;d.png;M\n"
    (tmp_path / "cases.csv").write_text(rows)
    return tmp_path


OWN = {
    "images": "imgs",
    "masks": "segs/{stem}_left_mask.png,segs/{stem}_right_mask.png",
    "table": "cases.csv",
    "delimiter": ";",
    "patient": "PatientID",
}


class TestOwnLayout(ReaderContract):
    """What holds for every reader, in a layout that arguments describe."""

    plugin = "image_mask_folder"

    @pytest.fixture
    def kwargs(self, own: Path) -> dict[str, Any]:
        return {"root": str(own), **OWN}


def test_a_layout_of_one_s_own(own: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Folders, sides and table by arguments; a row without an image is counted."""
    caplog.set_level("INFO")
    reader = reader_of(own, **OWN)
    items = reader.items()
    assert [(item["stem"], item["patient"], item["Sex"]) for item in items] == [
        ("a", "p1", "F"), ("b", "p1", "F"), ("c", "p2", "M"),
    ]  # fmt: skip
    label = reader.read_label(items[0])
    assert label is not None
    assert dict(zip(label.classes, label.masks.tolist(), strict=True)) == {
        "right_lung": MASK.tolist(),
        "left_lung": np.fliplr(MASK).tolist(),
    }
    assert "1 rows belong to no image" in caplog.text
    assert [item["stem"] for item in reader_of(own, **OWN, only={"Sex": ["M"]}).items()] == ["c"]


def test_masks_beside_their_images(tmp_path: Path) -> None:
    """A mask of an image is no image."""
    for stem in "ab":
        save(tmp_path / f"{stem}.png", IMAGE)
        save(tmp_path / f"{stem}_mask.png", MASK)
    reader = reader_of(tmp_path, images="{stem}", masks="{stem}_mask")
    assert [item["stem"] for item in reader.items()] == ["a", "b"]
    assert all(reader.has_label(item) for item in reader.items())


def test_jpeg_masks_by_a_threshold(root: Path) -> None:
    """The message names the argument, and with it they are read."""
    for stem in "ab":
        (root / "masks" / f"{stem}.png").unlink()
        Image.fromarray(MASK * 255).save(root / "masks" / f"{stem}.jpg", quality=90)
    reader = reader_of(root)
    with pytest.raises(CxrReadError, match=r"a\.jpg: holds .* values .*reader#mask_threshold=0\.5"):
        reader.read_label(reader.items()[0])
    label = reader_of(root, mask_threshold=0.5).read_label(reader.items()[0])
    assert label is not None
    assert np.array_equal(label.masks[0], MASK)


def test_masks_as_class_maps(root: Path) -> None:
    """With a map of values to classes, where there is no labels/."""
    for stem in "ab":
        save(root / "masks" / f"{stem}.png", MASK * 60 + np.fliplr(MASK) * 120)
    reader = reader_of(root, label_classes={"60": "right_lung", "120": "left_lung"})
    label = reader.read_label(reader.items()[0])
    assert label is not None
    assert label.classes == ("right_lung", "left_lung")
    assert np.array_equal(label.masks, [MASK, np.fliplr(MASK)])


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"images": "pictures"}, DataError, "pictures: no such folder; .*reader#images="),
        ({"images": "imgs/{stem}_x"}, DataError, "No images in .*reader#images="),
        (
            {"images": "imgs", "masks": "segs"},
            DataError,
            "no image has a mask named segs/{stem}.*reader#masks=",
        ),
        ({"images": "imgs", "table": "none.csv"}, DataError, "none.csv: cannot be read"),
        ({"images": "imgs", "table": "cases.csv"}, DataError, "reader#delimiter"),
        ({"images": "imgs", "patient": "PatientID"}, ConfigError, "name it by table="),
        ({"images": "imgs", "mask_threshold": 128}, ConfigError, "mask_threshold must be a fraction"),
        ({}, DataError, "images: no such folder; put the images there, with their masks in masks/"),
    ],
)
def test_a_layout_that_is_not_there(own: Path, arguments: dict[str, Any], error: type, said: str) -> None:
    """The message says what is wanted, and the flag."""
    with pytest.raises(error, match=said):
        reader_of(own, **arguments)
