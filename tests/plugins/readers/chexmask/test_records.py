"""The records of a table: its bytes, wrong rows, and a memory that stays flat."""

import tracemalloc

import pytest

from cxrtk import CxrReadError, DataError, readers

from .tables import NAMES, row, write_table


def test_a_byte_order_mark_and_crlf_do_no_harm(root):
    """As spreadsheets save it."""
    path = root / "ChestX-ray8.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    reader = readers.create("chexmask", root=str(root))
    assert len(reader.items()) == 3
    assert reader.read_label(reader.items()[2]).masks.sum() > 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (row(NAMES[0]), f"line 6: '{NAMES[0]}' was named before, on line 2"),
        (row(NAMES[1])[:-1], "line 6: has 8 columns, the header 9"),
        (row(NAMES[1], mean="good"), "line 6: could not convert string to float: 'good'"),
        (row(NAMES[1], mean=7), "line 6: '7' is not a Dice RCA"),
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
        ("40 30 7", "has 3 numbers, which are not pairs"),
        ("1 5 1195 7", r"run 2 \(start 1195, length 7\) ends behind the last of 40 x 30 = 1200 pixels"),
        ("10 5 3 2", "run 2 .* begins before pixel 15"),
        ("10 -5", "holds '-5', which is not an integer"),
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
