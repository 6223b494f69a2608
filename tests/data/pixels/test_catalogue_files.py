"""The catalogue of what a file system and a data set can hold, row by row.

The rows about single files are tested here. `COVERED` says where the others are, and is checked.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pixel_makers import GREY, RAMP, dicom, encode, put

from cxrtk import CxrReadError, DataError, pixels, readers

ROOT = Path(__file__).resolve().parents[3]
PLAIN = (GREY / 255).astype(np.float32)

COVERED = {
    "F05": "tests/data/pixels/test_listing.py::test_files_are_walked_once_in_order",
    "F07": "tests/data/pixels/test_listing.py::test_images_are_told_by_name_and_sorted",
    "F13": "tests/passes/test_walk.py::test_outputs_mirror_the_inputs",
    "F15": "tests/data/test_outputs.py::test_output_inside_the_input_is_refused",
    "F16": "tests/passes/test_reading.py::test_a_file_that_changes_while_it_is_read_is_refused",
    "F17": "tests/plugins/readers/test_image_mask_folder.py::test_no_images_is_an_error",
    "F18": "tests/data/pixels/test_catalogue_files.py::test_a_relative_path_is_named_whole",
    "F19": "tests/plugins/readers/test_image_mask_folder.py::test_images_and_masks_are_paired_by_stem",
    "F20": "tests/plugins/readers/test_image_mask_folder.py::test_a_mask_of_another_size_is_an_error",
    "F21": "tests/data/pixels/test_masks.py::test_what_has_more_than_two_values_is_no_mask",
    "F22": "tests/data/check/test_check.py::test_all_masks_alike",
    "F23": "tests/data/pixels/test_masks.py::test_two_values_are_outside_and_inside",
    "F25": "tests/data/check/test_leaks.py::test_copies_in_two_parts",
    "F26": "tests/data/test_splits.py::test_a_patient_in_two_parts_is_refused_without_naming_the_patient",
    "F27": "tests/data/test_split_files.py::test_a_split_file_that_cannot_be_used_is_refused",
    "F28": "tests/bundles/test_bundles.py::test_a_batch_larger_than_the_data_set_holds_all_of_it",
    "F29": (
        "tests/plugins/readers/test_nih_png_folder.py::test_a_large_folder_is_listed_without_opening_an_image"
    ),
    "F30": "tests/models/test_predictor.py::test_an_image_smaller_than_the_networks_stride",
}


@pytest.mark.parametrize("row", COVERED)
def test_the_test_that_is_named_exists(row: str) -> None:
    """The table points at a function that is there."""
    file, _, name = COVERED[row].partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_is_here_or_there() -> None:
    """F09, F14 and F24 were never given."""
    here = {"F01", "F02", "F03", "F04", "F06", "F08", "F10", "F11", "F12"}
    rows = {f"F{number:02}" for number in range(1, 31)} - {"F09", "F14", "F24"}
    assert here | set(COVERED) == rows


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda path: os.mkfifo(path), "not_a_file", "is not a regular file"),
        (lambda path: path.mkdir(), "not_a_file", "is not a regular file"),
        (lambda path: path.symlink_to(path.name), "no_access", "cannot be opened: Too many levels"),
        (lambda path: path.symlink_to("/nonexistent/x"), "missing", "is a broken link"),
    ],
    ids=["F01 pipe", "F02 folder", "F03 link to itself", "F04 dangling link"],
)
@pytest.mark.parametrize("read", [pixels.read, pixels.read_dicom, pixels.read_mask, pixels.read_png])
def test_what_is_no_file(
    read: Callable[[Path], object], make: Callable[[Path], None], code: str, said: str, tmp_path: Path
) -> None:
    """Refused at once by every reading function, and never waited for."""
    path = tmp_path / "x.png"
    make(path)
    with pytest.raises(CxrReadError) as caught:
        read(path)
    assert (caught.value.code, caught.value.path) == (code, str(path))
    assert said in str(caught.value)


def test_f01_to_f04_do_not_stop_a_folder(tmp_path: Path) -> None:
    """What is no file is passed over where a folder is listed."""
    os.mkfifo(tmp_path / "pipe.dcm")
    (tmp_path / "folder.dcm").mkdir()
    (tmp_path / "loop.dcm").symlink_to("loop.dcm")
    (tmp_path / "gone.dcm").symlink_to("/nonexistent/x")
    dicom(tmp_path / "good.dcm")
    items = readers.create("dicom", root=str(tmp_path)).items()
    assert [Path(item["image"]).name for item in items] == ["good.dcm"]


def test_f06_a_link_that_leaves_the_root(tmp_path: Path) -> None:
    """It is read; its name stays below the root."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.dcm").symlink_to(dicom(tmp_path / "outside.dcm"))
    reader = readers.create("dicom", root=str(tmp_path / "in"))
    (item,) = reader.items()
    assert Path(item["image"]).parent == tmp_path / "in"
    assert np.array_equal(reader.read(item["image"]).pixels, (RAMP / 4095).astype(np.float32))


@pytest.mark.parametrize(
    "name",
    [
        "ünï 图/ím🩻 1.png",
        "a\nb.png",
        "a[1]*?.png",
        "X.PNG",
        "X",
        "x.dcm",
        "-rf.png",
        "$(x).png",
        "%s{0}.png",
    ],
)
def test_f08_f10_f11_names(name: str, tmp_path: Path) -> None:
    """The content says what a file is; no name is looked up as a pattern, and a newline forges no line."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    put(path, encode(GREY))
    assert np.array_equal(pixels.read(path).pixels, PLAIN)
    put(path, b"")
    with pytest.raises(CxrReadError) as caught:
        pixels.read(path)
    assert caught.value.path == str(path) and str(caught.value).count("\n") == 0


def test_f10_a_newline_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Warnings about such a file are one line too."""
    pixels.read(put(tmp_path / "a\nERROR forged.png", encode(GREY) + b"x" * 9))
    assert [record.getMessage().count("\n") for record in caplog.records] == [0]


def test_f12_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, with the system's reason."""
    path = put(tmp_path / "a.png", encode(GREY))
    if os.geteuid() == 0:  # root may read all, so the system's answer is played
        monkeypatch.setattr(
            os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
        )
    else:
        path.chmod(0)
    with pytest.raises(CxrReadError, match="cannot be opened: Permission denied") as caught:
        pixels.read(path)
    assert caught.value.code == "no_access"


def test_f16_a_file_that_goes_between_listing_and_reading(tmp_path: Path) -> None:
    """Named as missing; one that has become another is named as what it is."""
    dicom(tmp_path / "a.dcm")
    dicom(tmp_path / "b.dcm")
    reader = readers.create("dicom", root=str(tmp_path))
    first, second = reader.items()
    Path(first["image"]).unlink()
    shutil.copy(put(tmp_path / "c", b"hello" * 100), second["image"])
    outcomes = []
    for item in (first, second):
        with pytest.raises(CxrReadError) as caught:
            reader.read(item["image"])
        outcomes.append(caught.value.code)
    assert outcomes == ["missing", "not_dicom"]


def test_a_relative_path_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F18: relative paths are those of the working directory, and the error says which that is."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=re.escape(str(tmp_path / "set" / "images"))):
        readers.create("image_mask_folder", root="set")
