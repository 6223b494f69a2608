"""The NIH reader: layouts, tables and their oddities, filters, spacing, masks, the full table."""

import csv
import gzip
import json
import logging
import os
import pickle
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

# The header as the NIH writes it: two bracketed names hold a comma, and the line ends with one.
HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
)
ROWS = (
    "00000001_000.png,Cardiomegaly,0,1,58,M,PA,2682,2749,0.143,0.143,",
    "00000001_001.png,Cardiomegaly|Emphysema,1,1,58,M,PA,2894,2729,0.143,0.139,",
    "00000013_003.png,No Finding,3,13,60,F,AP,2500,2048,0.168,0.171,",
)
STEMS = [row[:12] for row in ROWS]
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a folder with the images named, each of 20 x 30 pixels (H x W), and a table."""

    def make(
        *images: str,
        rows: tuple[str, ...] = ROWS,
        table: str | None = "Data_Entry_2017.csv",
        header: str = HEADER,
    ) -> Path:
        for number, name in enumerate(images):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((20, 30), number, np.uint8)).save(path, "PNG")
        if table is not None:
            text = "\n".join((header, *rows)) + "\n"
            opened = gzip.open if table.endswith(".gz") else open
            with opened(tmp_path / table, "wt", encoding="utf-8", newline="") as file:
                file.write(text)
        return tmp_path

    return make


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("nih_png", root=str(root), **arguments)


def stems(reader: Reader) -> list[str]:
    return [Path(item["image"]).stem for item in reader.items()]


class TestContract(ReaderContract):
    """What holds for every reader, on four real images."""

    plugin = "nih_png"

    @pytest.fixture
    def kwargs(self, cxrtk_data: Path) -> dict[str, Any]:
        return {"root": str(cxrtk_data / "nih")}


LAYOUTS = {
    "the twelve archives": [
        f"images_001/images/{STEMS[0]}.png",
        f"images_002/images/{STEMS[1]}.png",
        f"images_012/images/{STEMS[2]}.png",
    ],
    "archives without an inner folder": [
        f"images_00{number}/{stem}.png" for number, stem in enumerate(STEMS, 1)
    ],
    "one folder": [f"images/{stem}.png" for stem in STEMS],
    "one folder and one archive": [
        f"images/{STEMS[0]}.png",
        f"images_002/images/{STEMS[1]}.png",
        f"images_003/images/{STEMS[2]}.png",
    ],
    "the root itself": [f"{stem}.png" for stem in STEMS],
    "capital suffix": [f"images/{stem}.PNG" for stem in STEMS],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_items(layout: str, make: Make) -> None:
    """The images are found in each layout, sorted by name, each with its row."""
    reader = reader_of(make(*reversed(LAYOUTS[layout])))
    assert stems(reader) == STEMS
    assert [item["view"] for item in reader.items()] == ["PA", "PA", "AP"]


TABLES = {
    "2017": ("Data_Entry_2017.csv", HEADER, ROWS),
    "2020": ("Data_Entry_2017_v2020.csv", HEADER.rstrip(","), tuple(row.rstrip(",") for row in ROWS)),
    "2020 packed": (
        "Data_Entry_2017_v2020.csv.gz",
        HEADER.rstrip(","),
        tuple(row.rstrip(",") for row in ROWS),
    ),
    "subset": ("Data_Entry_2017_subset.csv", HEADER, ROWS),
    "byte-order mark": ("Data_Entry_2017.csv", "\ufeff" + HEADER, ROWS),
    "CRLF": ("Data_Entry_2017.csv", HEADER + "\r", tuple(row + "\r" for row in ROWS)),
    "ages of 2017": ("Data_Entry_2017.csv", HEADER, tuple(row.replace(",58,", ",058Y,") for row in ROWS)),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_gives_the_same_columns(name: str, make: Make) -> None:
    """Each form of the table gives the values written down here by hand."""
    table, header, rows = TABLES[name]
    root = make(*LAYOUTS["one folder"], table=table, header=header, rows=rows)
    assert reader_of(root).items()[1] == {
        "image": str(root / "images" / "00000001_001.png"),
        "patient": "00000001",
        "age": 58,
        "sex": "M",
        "view": "PA",
        "findings": ("Cardiomegaly", "Emphysema"),
        "follow_up": 1,
        "original_width": 2894,
        "original_height": 2729,
        "original_spacing_mm": (0.139, 0.143),  # row before column
    }


def test_without_a_table_the_name_gives_the_patient(make: Make) -> None:
    """Patients are the names up to the underscore, the same keys as with a table; nothing else is known."""
    root = make(*LAYOUTS["one folder"], table=None)
    without = reader_of(root).items()
    make(*LAYOUTS["one folder"])
    with_table = reader_of(root).items()
    assert [item["patient"] for item in without] == ["00000001", "00000001", "00000013"]
    assert [item["patient"] for item in without] == [item["patient"] for item in with_table]
    assert {value for item in without for key, value in item.items() if key not in ("image", "patient")} == {
        None
    }
    assert without[0].keys() == with_table[0].keys()


def test_the_newer_table_goes_first(make: Make) -> None:
    """Of several tables the one of 2020 is read; `table` names another."""
    root = make(*LAYOUTS["one folder"], rows=tuple(row.replace(",AP,", ",PA,") for row in ROWS))
    make(table="Data_Entry_2017_v2020.csv")
    assert reader_of(root).items()[2]["view"] == "AP"
    assert reader_of(root, table=root / "Data_Entry_2017.csv").items()[2]["view"] == "PA"


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("58", 58),
        ("058Y", 58),
        ("013M", 1),
        ("011M", 0),
        ("104W", 2),
        ("400D", 1),
        ("000", 0),
        ("120", 120),
        ("414", None),
        ("", None),
    ],
)
def test_ages_are_whole_years(written: str, years: int | None, make: Make) -> None:
    """Months, weeks and days are turned into years; above 120 the table is wrong and the age unknown."""
    root = make("images/00000001_000.png", rows=(ROWS[0].replace(",58,", f",{written},"),))
    assert reader_of(root).items()[0]["age"] == years


def test_rows_and_images_that_do_not_meet_are_counted(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """A row without an image is left out, an image without a row is kept; one line says how many of each."""
    caplog.set_level(logging.INFO)
    root = make(f"images/{STEMS[0]}.png", "images/00000099_007.png")
    items = reader_of(root).items()
    assert [item["patient"] for item in items] == ["00000001", "00000099"]
    assert items[1]["view"] is None
    assert "2 images; 2 rows of the table have no image, 1 images have no row" in caplog.text


def test_other_files_are_passed_over(make: Make) -> None:
    """Leavings of macOS and Windows, tables and folders are no images."""
    root = make(*LAYOUTS["one folder"])
    for name in ("._00000001_000.png", ".DS_Store", "Thumbs.db", "notes.txt", "00000002_000.csv"):
        (root / "images" / name).write_bytes(b"\0\5\x16\7")
    (root / "images" / "00000003_000.png").mkdir()
    assert stems(reader_of(root)) == STEMS


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
        ({"views": ["LL"]}, "views: no image has LL; there are: AP, PA"),
        ({"views": "PA"}, r"must be a list, such as \['PA'\]"),
        (
            {"findings": ["Cardiomegalie"]},
            "no image has Cardiomegalie; there are: Cardiomegaly, Emphysema, No Finding",
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


def test_views_without_a_table_are_an_error(make: Make) -> None:
    """There is nothing to filter by."""
    with pytest.raises(DataError, match="for want of a table"):
        reader_of(make(*LAYOUTS["one folder"], table=None), views=["PA"])


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("a,b,c", ROWS, r"line 1: has no column 'Image Index'"),
        ("", (), r"line 1: has no column 'Image Index'"),
        (HEADER.replace(",", ";"), ROWS, r"line 1: has no column 'Image Index'"),
        (HEADER, (*ROWS, ROWS[0]), "line 5: 00000001_000.png was named before"),
        (HEADER, (ROWS[0], ROWS[1][:40]), "line 3: has only 3 columns"),
        (HEADER, (ROWS[0].replace(",58,", ",old,"),), "line 2: 'old' is no age"),
        (HEADER, (ROWS[0].replace(",2682,", ",wide,"),), "line 2: .*'wide'"),
        (HEADER, (ROWS[0].replace("0.143", "0"),), "line 2: .*no spacing"),
        (HEADER, (ROWS[0].replace("0.143", "nan"),), "line 2: .*no spacing"),
    ],
)
def test_a_broken_table_is_named_with_its_line(
    header: str, rows: tuple[str, ...], said: str, make: Make
) -> None:
    """Nothing in it is guessed."""
    with pytest.raises(DataError, match=f"Data_Entry_2017.csv: {said}"):
        reader_of(make(*LAYOUTS["one folder"], header=header, rows=rows))


def test_a_cut_packed_table_is_named(make: Make) -> None:
    """A table that was only half copied is an error, not a short table."""
    root = make(*LAYOUTS["one folder"], table="Data_Entry_2017.csv.gz")
    path = root / "Data_Entry_2017.csv.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"Data_Entry_2017.csv.gz: cannot be read"):
        reader_of(root)


def test_one_name_in_two_folders_is_an_error(make: Make) -> None:
    """Both paths are named."""
    root = make(f"images_001/images/{STEMS[0]}.png", f"images_002/images/{STEMS[0]}.png")
    with pytest.raises(DataError, match=r"images_002.*images_001"):
        reader_of(root)


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


def parsed_by_csv(table: Path) -> int:
    """Rows of a table that `csv` alone makes dicts of: what the reader's time is compared with."""
    with gzip.open(table, "rt", newline="") as file:
        return len(list(csv.DictReader(file)))


@pytest.mark.slow
def test_the_full_table_lists_in_seconds_and_bounded_memory(cxrtk_data: Path) -> None:
    """112,120 rows of 30,805 patients in 150 MB, and in 12 times the time that `csv` alone takes for them."""
    tracemalloc.start()
    start = time.process_time()
    assert parsed_by_csv(cxrtk_data / "nih_tables" / "Data_Entry_2017_v2020.csv.gz") == 112_120
    alone = time.process_time() - start
    tracemalloc.reset_peak()
    start = time.process_time()
    reader = reader_of(cxrtk_data / "nih_tables", require_images=False)
    items = reader.items()
    seconds = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(items), len({item["patient"] for item in items})) == (112_120, 30_805)
    assert all(Path(item["image"]).name.startswith(item["patient"] + "_") for item in items[::97])
    assert sum(item["view"] == "PA" for item in items) == 67_310
    assert seconds < 12 * alone
    assert peak < 150e6


def test_a_large_folder_is_listed_without_opening_an_image(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,000 names: none of the images is opened or asked for its size before it is read."""
    root = make(f"images/{STEMS[0]}.png")
    for number in range(2, 2_001):
        (root / "images" / f"{number:08d}_000.png").touch()
    touched: list[str] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            touched.append(str(path))
            return function(path, *arguments, **options)

        return call

    for function in ("open", "stat", "lstat"):
        monkeypatch.setattr(os, function, watched(getattr(os, function)))
    reader = reader_of(root)
    items = reader.items()
    assert len([reader.has_label(item) for item in items]) == 2_000
    assert not [path for path in touched if path.endswith(".png")]
    reader.read(items[0]["image"])
    assert items[0]["image"] in touched


def test_a_reader_travels_to_a_worker(make: Make) -> None:
    """Its pickle lists the same, with the spacing."""
    reader = reader_of(make(*LAYOUTS["one folder"]))
    copy = pickle.loads(pickle.dumps(reader))
    assert (
        copy.read(copy.items()[0]["image"]).spacing_mm == reader.read(reader.items()[0]["image"]).spacing_mm
    )
