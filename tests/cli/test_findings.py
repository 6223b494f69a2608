"""`cxrtk findings` on real images of 64 x 64 with the NIH's labels, and on boxes."""

import csv
import json
import shutil
from pathlib import PurePath

import pytest
from sklearn.metrics import roc_auc_score

from cxrtk.data.boxes import FindingBox, write_boxes


def rows(folder):
    with (folder / "findings.csv").open() as file:
        return list(csv.DictReader(file))


def names_tested(run):
    """Names of the files in the test part of a run, whose split names them with their folders."""
    return [PurePath(name).name for name in json.loads((run / "splits.json").read_text())["test"]]


def test_the_areas_are_scikit_learns(cxrtk_command, finding_run, small_nih, tmp_path):
    """Over the test part of the run, which is the default, from the table that is written."""
    ended = cxrtk_command(
        "findings", "-i", small_nih, "--reader", "nih_png", "--model", finding_run,
        "-o", tmp_path, "--json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    told = rows(tmp_path)
    tests = names_tested(finding_run)
    assert [row["image"] for row in told] == sorted(tests)
    for score in json.loads(ended.out)["findings"]:
        truth = [int(row[f"{score['finding']}_truth"]) for row in told]
        given = [float(row[score["finding"]]) for row in told]
        if len(set(truth)) == 2:
            assert score["auc"] == pytest.approx(roc_auc_score(truth, given), abs=1e-9)
        else:
            assert score["auc"] is None


def test_files_of_which_nothing_is_known(cxrtk_command, finding_run, cxrtk_data, tmp_path):
    """DICOM files: probabilities, and no areas."""
    ended = cxrtk_command("findings", "-i", cxrtk_data / "dicom", "--model", finding_run, "-o", tmp_path)
    assert ended.code == 0, ended.err
    assert len(rows(tmp_path)) == 5
    assert not (tmp_path / "test_metrics.json").exists()


def test_a_broken_file_costs_that_file(cxrtk_command, finding_run, small_nih, tmp_path):
    """Exit code 3; the table says why; what is no image is counted by kind, and no failure."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "notes.txt").write_text("no image")
    shutil.copy(next((small_nih / "images").iterdir()), folder / "good.png")
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    ended = cxrtk_command("findings", "-i", folder, "--model", finding_run, "-o", tmp_path / "out")
    assert ended.code == 3
    assert "2 images, 1 failed, 1 left out (not_image 1); see" in " ".join(ended.err.split())
    assert {row["image"]: row["status"] for row in rows(tmp_path / "out")} == {
        "good.png": "ok",
        "bad.png": "failed",
    }


def test_maps_are_scored_against_boxes(cxrtk_command, finding_run, small_nih, tmp_path):
    """A box of all the image is hit by any map; one of a single pixel's corner by next to none."""
    name = names_tested(finding_run)[0]
    boxes = tmp_path / "boxes.csv"
    write_boxes(
        boxes, [FindingBox(name, "Mass", 0, 0, 1024, 1024), FindingBox("other.png", "Mass", 0, 0, 9, 9)]
    )
    ended = cxrtk_command(
        "findings", "-i", small_nih, "--reader", "nih_png", "--model", finding_run,
        "-o", tmp_path / "out", "--boxes", boxes, "--pictures", 1, "--json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    mass = told["localisation"][0]
    assert (mass["finding"], mass["cases"], mass["pointing"]["hits"]) == ("Mass", 1, 1)
    assert told["boxes_without_image"] == 1
    assert [path.name for path in (tmp_path / "out" / "maps").iterdir()] == [
        name.replace(".png", "_Mass.png")
    ]


def test_a_segmentation_model_is_refused(cxrtk_command, lung_model, cxrtk_data, tmp_path):
    """One line, exit code 2."""
    ended = cxrtk_command("findings", "-i", cxrtk_data / "dicom", "--model", lung_model, "-o", tmp_path)
    assert ended.code == 2
    assert ended.err.count("\n") == 1 and "does not classify findings" in ended.err


def test_shared_by_two_and_told_by_the_last(cxrtk_command, finding_run, small_nih, tmp_path):
    """Two processes write the same table as one; the scores come with the one that ends last."""

    def run(output, *arguments):
        return cxrtk_command(
            "findings", "-i", small_nih, "--reader", "nih_png", "--model", finding_run,
            "-o", output, "--json", *arguments,
        )  # fmt: skip

    one = json.loads(run(tmp_path / "one").out)
    first, last = (
        run(tmp_path / "two", "--num-parts", 2, "--part-id", part, "--workers", 2) for part in (1, 0)
    )
    assert (first.code, json.loads(first.out)["findings"]) == (0, [])
    assert json.loads(last.out)["findings"] == one["findings"]
    assert json.loads(last.out)["warnings"] == one["warnings"]
    for name in ("findings.csv", "test_metrics.json"):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


def test_a_second_time(cxrtk_command, finding_run, cxrtk_data, tmp_path):
    """A second pass needs --continue, and changes nothing."""
    arguments = ("findings", "-i", cxrtk_data / "dicom", "--model", finding_run, "-o", tmp_path, "-q")
    assert cxrtk_command(*arguments).code == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = cxrtk_command(*arguments)
    assert again.code == 2 and "--continue" in again.err
    assert cxrtk_command(*arguments, "--continue").code == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert set(before) == {"findings.csv", "manifest.jsonl"}


def test_warnings_of_images_that_the_run_trained_on(cxrtk_command, finding_run, small_nih, tmp_path):
    """They come before the areas: of four images three trained; in another folder their names tell."""
    (tmp_path / "in" / "images").mkdir(parents=True)
    split = json.loads((finding_run / "splits.json").read_text())
    for name in (*split["train"][:3], *split["test"][:1]):
        shutil.copy(small_nih / name, tmp_path / "in" / "images")
    for table in (small_nih).glob("Data_Entry_2017*"):
        shutil.copy(table, tmp_path / "in")
    ended = cxrtk_command(
        "findings", "-i", tmp_path / "in", "--reader", "nih_png", "--model", finding_run,
        "-o", tmp_path / "out", "--split", "all",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "warning: The model was TRAINED on 3 of these 4 images" in ended.err
    assert "determined by their names alone" in ended.err
    assert "Mean AUC" in ended.out and "4 images, 0 failed" in ended.err
