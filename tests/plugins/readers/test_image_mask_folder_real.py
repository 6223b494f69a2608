"""The reader of images with masks beside them, on real data sets and DICOM files."""

import csv
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from .mask_folder import reader_of, save


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
