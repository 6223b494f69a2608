"""The NIH reader: its contract, filters, spacing, masks, real images."""

import csv
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError
from cxrtk.testing import ReaderContract

from .nih_folder import LAYOUTS, STEMS, Make, maker, reader_of, stems


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


class TestContract(ReaderContract):
    """What holds for every reader, on four real images."""

    plugin = "nih_png"

    @pytest.fixture
    def kwargs(self, cxrtk_data: Path) -> dict[str, Any]:
        return {"root": str(cxrtk_data / "nih")}


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({"views": ["AP"]}, [2]),
        ({"views": ["AP", "PA"]}, [0, 1, 2]),
        ({"findings": ["Cardiomegaly"]}, [0, 1]),
        ({"findings": ["Emphysema", "No Finding"]}, [1, 2]),
        ({"findings": ["Emphysema"], "views": ["PA"]}, [1]),
        ({"split": "train_val"}, [0, 1]),
        ({"split": "test"}, [2]),
        ({"split": "train_val", "findings": ["Emphysema"]}, [1]),
    ],
)
def test_filters_keep_what_they_name(arguments: dict[str, Any], kept: list[int], make: Make) -> None:
    """Views, findings (any of them) and the official lists, together."""
    root = make(*LAYOUTS["one folder"])
    (root / "train_val_list.txt").write_text("00000001_000.png\r\n00000001_001.png\r\n00000777_000.png\r\n")
    (root / "test_list.txt").write_text("00000013_003.png\n")
    assert stems(reader_of(root, **arguments)) == [STEMS[place] for place in kept]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"views": ["LL"]}, "views: no image has LL; available: AP, PA"),
        ({"views": "PA"}, r"must be a list, such as \['PA'\]"),
        (
            {"findings": ["Cardiomegalie"]},
            "no image has Cardiomegalie; available: Cardiomegaly, Emphysema, No Finding",
        ),
        ({"findings": ["Emphysema"], "views": ["AP"]}, "Emphysema"),
        ({"split": "train_val"}, "train_val_list.txt: cannot be read"),
        ({"split": "train"}, "train_val, test, not 'train'"),
        ({"table": "no_such_table.csv"}, "no_such_table.csv: cannot be read"),
        ({"truth": "me"}, "not 'me'"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], said: str, make: Make) -> None:
    """The error says what there would be."""
    with pytest.raises(DataError, match=said):
        reader_of(make(*LAYOUTS["one folder"]), **arguments)


def test_filters_that_leave_nothing_are_an_error(make: Make) -> None:
    """An empty list never reaches a training."""
    root = make(*LAYOUTS["one folder"])
    (root / "test_list.txt").write_text("00000777_000.png\n")
    with pytest.raises(DataError, match="no image passes"):
        reader_of(root, split="test")


def test_the_spacing_is_the_originals_on_the_files_grid(make: Make) -> None:
    """0.143 mm over 2682 columns on 30, 0.143 mm over 2749 rows on 20; 2894 and 2729 in the second."""
    reader = reader_of(make(*LAYOUTS["one folder"]))
    first, second = (reader.read(item["image"]) for item in reader.items()[:2])
    assert first.spacing_mm == pytest.approx((0.143 * 2749 / 20, 0.143 * 2682 / 30))
    assert second.spacing_mm == pytest.approx((0.139 * 2729 / 20, 0.143 * 2894 / 30))
    assert first.spacing_source == "table"


def test_an_image_without_a_row_has_no_spacing(make: Make) -> None:
    """Nothing is assumed for it."""
    reader = reader_of(make("images/00000099_007.png"))
    assert reader.read(reader.items()[0]["image"]).spacing_mm is None


def test_masks_need_to_say_who_made_them(make: Make) -> None:
    """The NIH gives no masks, so those beside the images are believed only with a word on their origin."""
    root = make(*LAYOUTS["one folder"])
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 3:9] = 255
    (root / "masks").mkdir()
    Image.fromarray(mask).save(root / "masks" / f"{STEMS[1]}.png")
    with pytest.raises(DataError, match=r"about\.json"):
        [reader_of(root).has_label(item) for item in reader_of(root).items()]
    label = reader_of(root, truth="generated").read_label(reader_of(root).items()[1])
    assert label is not None
    assert (label.truth, label.heart) == ("generated", "unknown")

    (root / "masks" / "about.json").write_text(json.dumps({"truth": "exact", "heart": "excluded"}))
    reader = reader_of(root)
    assert [reader.has_label(item) for item in reader.items()] == [False, True, False]
    label = reader.read_label(reader.items()[1])
    assert label is not None
    assert (label.classes, label.truth, label.heart) == (("lungs",), "exact", "excluded")
    assert np.array_equal(label.masks[0], mask > 0)


def test_a_bad_image_is_named(make: Make) -> None:
    """Reading, not listing, finds it."""
    root = make(*LAYOUTS["one folder"])
    path = root / "images" / f"{STEMS[0]}.png"
    path.write_bytes(path.read_bytes()[:50])
    reader = reader_of(root)
    with pytest.raises(CxrReadError, match=f"{STEMS[0]}.png: is truncated"):
        reader.read(reader.items()[0]["image"])


def test_real_images_are_read_as_pillow_reads_them(cxrtk_data: Path) -> None:
    """The four NIH images: pixels, and spacings worked out from the table by hand."""
    reader = reader_of(cxrtk_data / "nih")
    items = reader.items()
    assert [item["patient"] for item in items] == ["00000001", "00000002", "00000013", "00027426"]
    for item in items:
        stored = np.asarray(Image.open(item["image"]))
        assert np.array_equal(reader.read(item["image"]).pixels, (stored / 255).astype(np.float32))
    spacings = [reader.read(item["image"]).spacing_mm for item in items]
    by_hand = [(0.38389, 0.37454), (0.34200, 0.41748), (0.34533, 0.40669), (0.83538, 0.83566)]
    assert np.allclose(np.array(spacings, float), by_hand, atol=1e-5)
    assert not any(reader.has_label(item) for item in items)


def test_thumbnails_are_of_134_patients(cxrtk_data: Path) -> None:
    """200 images, as many as there are files; the table's patients, counted by the csv module."""
    reader = reader_of(cxrtk_data / "nih_64px")
    with (cxrtk_data / "nih_64px" / "Data_Entry_2017_subset.csv").open(newline="") as file:
        patients = {row[3] for row in list(csv.reader(file))[1:]}
    assert len(reader.items()) == 200
    assert len({item["patient"] for item in reader.items()}) == len(patients) == 134


def test_a_reader_travels_to_a_worker(make: Make) -> None:
    """Its pickle lists the same, with the spacing."""
    reader = reader_of(make(*LAYOUTS["one folder"]))
    copy = pickle.loads(pickle.dumps(reader))
    assert (
        copy.read(copy.items()[0]["image"]).spacing_mm == reader.read(reader.items()[0]["image"]).spacing_mm
    )
