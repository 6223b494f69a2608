"""`cxrtk segment` as it is typed."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def chest(cxrtk_data, tmp_path):
    (tmp_path / "in").mkdir()
    source = sorted((cxrtk_data / "openist" / "images").iterdir())[0]
    return shutil.copy(source, tmp_path / "in" / "chest.png")


def test_one_file(cxrtk_command, chest, lung_model, tmp_path):
    """A mask of its size, measures, and what became of it; exit code 0."""
    ended = cxrtk_command("segment", "-i", chest, "-o", tmp_path / "out", "--model", lung_model)
    assert ended.code == 0 and ended.out.splitlines()[0].split() == ["image", "chest.png"]
    assert "1 image: 1 segmented, 0 errors; see" in ended.err
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["chest.json", "chest.png", "chest_preview.jpg", "manifest.jsonl", "measures.csv"]
    with Image.open(tmp_path / "out" / "chest.png") as mask, Image.open(chest) as image:
        assert mask.size == image.size


@pytest.mark.parametrize(
    ("words", "expected"),
    [((), True), (("--no-preview",), False), (("--no-preview", "--fill"), False), (("--fill",), True)],
)
def test_a_picture_of_a_single_file(cxrtk_command, chest, lung_model, tmp_path, words, expected):
    """Is written unless it is refused."""
    assert (
        cxrtk_command("segment", "-i", chest, "-o", tmp_path / "out", "--model", lung_model, *words).code == 0
    )
    assert (tmp_path / "out" / "chest_preview.jpg").exists() == expected


def test_no_picture_and_no_table_of_a_folder(cxrtk_command, chest, lung_model, tmp_path):
    """A second image lies in it."""
    shutil.copy(chest, chest.with_name("other.png"))
    ended = cxrtk_command("segment", "-i", chest.parent, "-o", tmp_path / "out", "--model", lung_model)
    assert (ended.code, ended.out) == (0, "")
    assert list((tmp_path / "out").glob("*_preview.jpg")) == []


def test_a_folder_with_a_bad_file(cxrtk_command, chest, lung_model, tmp_path):
    """The others are done; exit code 3; the summary as JSON."""
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    ended = cxrtk_command(
        "segment", "-i", tmp_path / "in", "-o", tmp_path / "out", "--model", lung_model, "-q", "--json"
    )
    assert ended.code == 3
    found = json.loads(ended.out)
    assert (found["images"], found["failed"]) == (2, 1)
    assert (tmp_path / "out" / "chest.png").is_file()


def test_it_stops_where_asked(cxrtk_command, chest, lung_model, tmp_path):
    """It stops at the first unreadable file, names it, and exits with code 2."""
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    ended = cxrtk_command(
        "segment",
        "-i",
        tmp_path / "in",
        "-o",
        tmp_path / "out",
        "--model",
        lung_model,
        "--on-error",
        "stop",
        "-q",
    )
    assert ended.code == 2 and "bad.png" in ended.err


def test_a_second_time(cxrtk_command, chest, lung_model, tmp_path):
    """A second pass needs --continue, and changes nothing."""
    arguments = ("segment", "-i", chest, "-o", tmp_path / "out", "--model", lung_model, "-ot", "png", "-q")
    assert cxrtk_command(*arguments).code == 0
    before = (tmp_path / "out" / "manifest.jsonl").read_bytes()
    again = cxrtk_command(*arguments)
    assert again.code == 2 and "--continue" in again.err
    assert cxrtk_command(*arguments, "--continue").code == 0
    assert (tmp_path / "out" / "manifest.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--device", "cuda:9"), "CUDA devices"),
        (("--device", "warp"), "no such device"),
        (("-ot", "gif"), "No writers plugin 'gif'"),
        (("--part-id", "3"), "from 0 to 0"),
        (("--model", "nothing"), "No model 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    cxrtk_command, chest, lung_model, tmp_path, changed, arguments, said
):
    """Before anything is written."""
    words = ("segment", "-i", chest, "-o", tmp_path / "out", "--model", lung_model)
    ended = cxrtk_command(*changed(words, arguments))
    assert ended.code == 2 and said in ended.err
    assert not (tmp_path / "out").exists()


def test_the_threshold_counts(cxrtk_command, chest, lung_model, tmp_path):
    """A lower one gives more lung."""
    areas = []
    for threshold in (0.1, 0.9):
        output = tmp_path / str(threshold)
        cxrtk_command(
            "segment", "-i", chest, "-o", output, "--model", lung_model, "-ot", "png", "-q",
            "--threshold", threshold, "--no-postprocess",
        )  # fmt: skip
        with Image.open(output / "chest.png") as mask:
            areas.append(int((np.asarray(mask) > 0).sum()))
    assert areas[0] > areas[1]
