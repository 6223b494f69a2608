"""The NIH's table: its forms and oddities, the columns that come of it, the full table."""

import csv
import gzip
import logging
import time
import tracemalloc
from pathlib import Path

import pytest

from cxrtk import DataError

from .nih_folder import HEADER, LAYOUTS, ROWS, STEMS, Make, maker, reader_of


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


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
        (HEADER, (ROWS[0].replace(",58,", ",old,"),), "line 2: 'old' is not an age"),
        (HEADER, (ROWS[0].replace(",2682,", ",wide,"),), "line 2: .*'wide'"),
        (HEADER, (ROWS[0].replace("0.143", "0"),), "line 2: .*not a spacing"),
        (HEADER, (ROWS[0].replace("0.143", "nan"),), "line 2: .*not a spacing"),
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
