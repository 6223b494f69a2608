"""The manifest of a folder of images and masks: its columns, and the choice of rows by them."""

from pathlib import Path
from typing import Any

import pytest

from cxrtk import ConfigError, DataError

from .mask_folder import IMAGE, make_pairs, reader_of, save


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Images a, b and c; masks for a and b."""
    return make_pairs(tmp_path)


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
