"""Tables: a researcher's own, and what is wrong with them."""

import gzip
from pathlib import Path

import pytest

from cxrtk import ConfigError, DataError, labels

IMAGES = {"a": "imgs/a.png", "b": "imgs/b.png"}


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("PatientID,File,image\np1,imgs/a.png,1\np1,imgs/b.png,2\np2,c.png,3\n", {}),
        ("\ufeffPatientID;File;image\r\np1;b.PNG;2\r\n\r\np1;a.PNG;1\r\nx;;9\r\n", {"delimiter": ";"}),
        (
            "PatientID\tFile\tother\timage\np1\ta\tb\t1\np1\tb\ta\t2\nx\tz\tz\t3\n",
            {"delimiter": "\t", "key": "File"},
        ),
    ],
)
def test_a_row_is_found_by_stem_name_or_path(tmp_path: Path, text: str, settings: dict) -> None:
    """The column that names every image is found; rows of other images are counted."""
    rows, others = labels.read_cases(table(tmp_path, text), IMAGES, patient="PatientID", **settings)
    assert {stem: row["patient"] for stem, row in rows.items()} == {"a": "p1", "b": "p1"}
    assert {stem: row["image_"] for stem, row in rows.items()} == {"a": "1", "b": "2"}
    assert others == 1


def test_the_plain_names(tmp_path: Path) -> None:
    """`stem` and `patient` need not be named."""
    rows, _ = labels.read_cases(table(tmp_path, "patient,stem\np,a\nq,b\n"), IMAGES)
    assert rows == {"a": {"patient": "p"}, "b": {"patient": "q"}}


@pytest.mark.parametrize(
    ("text", "settings", "said"),
    [
        ("File;P\na;1\nb;1\n", {}, r"no column names every image .*reader#key.*reader#delimiter"),
        ("File,P\na,1\n", {}, "no column names every image"),
        ("File,P\na,1\n", {"key": "File"}, r"1 images have no row \(b\)"),
        ("File,P\na,1\na,2\nb,3\n", {}, "line 3: 'a' was named before"),
        ("File,P\na,\nb,3\n", {"patient": "P"}, "line 2: 'a' has no patient"),
        ("File,P\na\nb,3\n", {}, "line 2: has 1 columns, the header 2"),
        ("File,File\na,1\n", {}, "the column 'File' twice"),
        ("File,P\na,1\n", {"patient": "Q"}, "no column 'Q', but, parted by ',': File, P"),
        ('File,P\na,"1\n', {}, "cannot be read: unexpected end"),
        ("", {}, "no column names every image"),
        ("File,P\na," + "1" * (1 << 20), {}, "a line of more than 1048576"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, settings: dict, said: str) -> None:
    """One line with the file, the line and the flag."""
    with pytest.raises(DataError, match=said) as error:
        labels.read_cases(table(tmp_path, text), IMAGES, **settings)
    assert "cases.csv" in str(error.value)


def test_other_faults(tmp_path: Path) -> None:
    """No file, another encoding, a delimiter of two characters, damaged gzip."""
    with pytest.raises(DataError, match="cannot be read: No such file"):
        list(labels.read_rows(tmp_path / "none.csv"))
    (tmp_path / "a.csv").write_bytes("a,b\nä,1\n".encode("latin-1"))
    with pytest.raises(DataError, match="save it as CSV in UTF-8"):
        list(labels.read_rows(tmp_path / "a.csv"))
    with pytest.raises(ConfigError, match="delimiter must be one character"):
        list(labels.read_rows(tmp_path / "a.csv", delimiter="::"))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 9999)[:60])
    with pytest.raises(DataError, match=r"a\.csv\.gz: cannot be read"):
        list(labels.read_rows(tmp_path / "a.csv.gz"))


def test_gzip(tmp_path: Path) -> None:
    """Read as it is."""
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a, b\n1,2\n"))
    assert list(labels.read_rows(tmp_path / "a.csv.gz", needed=("b",))) == [(2, {"a": "1", "b": "2"})]
