"""`cxrtk evaluate` on four images of JSRT, re-derived from the files that it writes."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import f1_score, jaccard_score


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("L")) > 0


def rows(folder):
    with (folder / "cases.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def dataset(cxrtk_data, tmp_path):
    """Four images with masks, two of them of one patient; the heart is a class of its own."""
    folder = tmp_path / "four"
    stems = sorted(path.stem for path in (cxrtk_data / "jsrt" / "images").iterdir())[:4]
    for sub in ("images", "masks", "labels"):
        (folder / sub).mkdir(parents=True)
        for stem in stems:
            shutil.copy(cxrtk_data / "jsrt" / sub / f"{stem}.png", folder / sub)
    lines = [f"{stem},p{number // 2},{'FM'[number % 2]}" for number, stem in enumerate(stems)]
    (folder / "manifest.csv").write_text("\n".join(["stem,patient,sex", *lines]) + "\n")
    return folder


@pytest.fixture
def run_folder(lung_model, dataset, tmp_path):
    """A model file beside the split of the run that it comes from."""
    folder = tmp_path / "run"
    folder.mkdir()
    shutil.copy(lung_model, folder / "m.safetensors")
    first, second, third, fourth = sorted(path.name for path in (dataset / "images").iterdir())
    (folder / "splits.json").write_text(
        json.dumps({"train": [first], "validation": [second], "test": [third, fourth]})
    )
    return folder


def test_the_numbers_are_scikit_learns(cxrtk_command, dataset, lung_model, tmp_path):
    """Dice and IoU of the written masks and the data set's own; the table on the screen has them too."""
    output = tmp_path / "out"
    ended = cxrtk_command("evaluate", "--model", lung_model, "--dataset_dir", dataset, "-o", output)
    assert ended.code == 0, ended.err
    assert len(rows(output)) == 4
    for row in rows(output):
        found = pixels(output / row["mask"])
        truth = pixels(dataset / "masks" / row["image"].split("/")[-1])
        assert float(row["dice"]) == pytest.approx(f1_score(truth.ravel(), found.ravel()), abs=1e-6)
        assert float(row["iou"]) == pytest.approx(jaccard_score(truth.ravel(), found.ravel()), abs=1e-6)
        assert f"{float(row['dice']):.4f}" in ended.out
        assert (row["truth"], row["heart"], row["unit"]) == ("human", "excluded", "pixels")
    assert "against human masks, heart excluded" in ended.err
    assert "It is unknown whether the model was trained on these images" in ended.err


def test_the_test_part_of_its_run(cxrtk_command, dataset, run_folder, tmp_path):
    """The default is the test part of the run, and the output states this."""
    ended = cxrtk_command(
        "evaluate", "--model", run_folder / "m.safetensors", "--dataset_dir", dataset, "-o", tmp_path / "out"
    )
    assert ended.code == 0 and "2 images (the test part of" in ended.err
    assert {row["part"] for row in rows(tmp_path / "out")} == {"test"}


def test_images_it_trained_on_are_flagged(cxrtk_command, dataset, run_folder, tmp_path):
    """The warning is on the screen, even when quiet, and in the file."""
    ended = cxrtk_command(
        "evaluate", "--model", run_folder / "m.safetensors", "--dataset_dir", dataset, "-o", tmp_path / "out",
        "--split", "all", "-q",
    )  # fmt: skip
    assert "TRAINED on 1 of these 4 images" in ended.err
    content = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert any("TRAINED" in warning for warning in content["warnings"])


def test_masks_of_any_tool(cxrtk_command, dataset, tmp_path):
    """The true masks, one turned upside down, one missing: two perfect, one bad, one failed."""
    folder = tmp_path / "theirs"
    shutil.copytree(dataset / "masks", folder)
    first, second, *_ = sorted(folder.iterdir())
    first.unlink()
    Image.fromarray(pixels(second)[::-1].astype(np.uint8) * 255).save(second)
    ended = cxrtk_command(
        "evaluate", "--predictions", folder, "--dataset_dir", dataset, "-o", tmp_path / "out", "--json"
    )
    assert ended.code == 0
    found = json.loads(ended.out)
    missing, upside_down, *perfect = rows(tmp_path / "out")
    assert [float(row["dice"]) for row in perfect] == [1, 1]
    assert 0 < float(upside_down["dice"]) < 1
    assert missing["failure"].startswith("no prediction")
    assert (float(missing["dice"]), float(missing["hd95"])) == (0, pytest.approx(np.hypot(224, 224)))
    dice = found["summary"][0]
    assert (dice["metric"], dice["failures"], dice["images"], dice["patients"]) == ("dice", 1, 4, 2)
    assert dice["mean"] == pytest.approx((2 + float(upside_down["dice"])) / 4)
    assert "roc_auc" not in missing


def test_masks_of_another_size_leave_nothing(cxrtk_command, dataset, tmp_path):
    """They are a mistake of the call, found before the folder is made."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    for path in (dataset / "masks").glob("*.png"):
        Image.open(path).resize((16, 16)).save(folder / path.name)
    ended = cxrtk_command(
        "evaluate", "--predictions", folder, "--dataset_dir", dataset, "-o", tmp_path / "out"
    )
    assert ended.code == 2
    assert "16 x 16 pixels, the image " in ended.err and ended.err.count("\n") <= 2
    assert not (tmp_path / "out").exists()


def test_generated_masks_are_no_human_ones(cxrtk_command, dataset, lung_model, tmp_path):
    """The generator against itself is perfect, and it is said what that means; the two are not compared."""
    arguments = ("--dataset_dir", dataset, "--masks", "mean_threshold", "--metrics", "dice")
    against_humans = cxrtk_command("evaluate", *arguments, "-o", tmp_path / "human")
    assert against_humans.code == 0
    ended = cxrtk_command("evaluate", *arguments, "--truth", "mean_threshold", "-o", tmp_path / "generated")
    assert [float(row["dice"]) for row in rows(tmp_path / "generated")] == [1.0] * 4
    assert "agreement with the thresholds" in ended.err and "against generated masks" in ended.err
    mixed = cxrtk_command("evaluate", *arguments, "--compare", tmp_path / "generated", "-o", tmp_path / "c")
    assert mixed.code == 2 and "generated masks" in mixed.err


def test_a_comparison(cxrtk_command, dataset, tmp_path):
    """True masks against generated ones: better on each image, by 1 less their Dice."""
    cxrtk_command(
        "evaluate", "--masks", "mean_threshold", "--dataset_dir", dataset, "-o", tmp_path / "a", "-q"
    )
    ended = cxrtk_command(
        "evaluate", "--predictions", dataset / "masks", "--dataset_dir", dataset, "-o", tmp_path / "b",
        "--compare", tmp_path / "a", "--json",
    )  # fmt: skip
    dice = json.loads(ended.out)["comparison"][0]
    lost = [1 - float(row["dice"]) for row in rows(tmp_path / "a")]
    assert dice["difference"] == pytest.approx(np.mean(lost))
    assert (dice["better"], dice["worse"], dice["patients"]) == (4, 0, 2)
    assert json.loads((tmp_path / "b" / "comparison.json").read_text())["metrics"][0] == dice


def test_by_columns(cxrtk_command, dataset, tmp_path):
    """Women and men apart, each by its own images; the column goes into the table because it was named."""
    cxrtk_command(
        "evaluate", "--masks", "mean_threshold", "--dataset_dir", dataset, "-o", tmp_path / "a", "-q",
        "--by", "sex",
    )  # fmt: skip
    content = json.loads((tmp_path / "a" / "evaluation.json").read_text())
    expected = [float(row["dice"]) for row in rows(tmp_path / "a") if row["column:sex"] == "F"]
    assert content["subgroups"]["sex"]["F"][0]["mean"] == pytest.approx(np.mean(expected))
    assert len(expected) == 2 and "column:stem" not in rows(tmp_path / "a")[0]


def test_a_matrix(cxrtk_command, dataset, lung_model, run_folder, tmp_path):
    """Two models on two sets: a folder and a number each; the set of the other convention has none."""
    other = tmp_path / "through_the_heart"
    shutil.copytree(dataset, other, ignore=shutil.ignore_patterns("labels"))
    (other / "masks" / "about.json").write_text(json.dumps({"truth": "human", "heart": "included"}))
    output = tmp_path / "out"
    ended = cxrtk_command(
        "evaluate", "--models", f"{lung_model},{run_folder / 'm.safetensors'}", "-o", output,
        "--datasets", f"{dataset},{other}", "--metrics", "dice",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    cells = {(row["model"], row["dataset"]): row for row in json.loads((output / "matrix.json").read_text())}
    assert set(cells) == {(name, place) for name in ("m", "m-2") for place in ("four", "through_the_heart")}
    assert (cells["m", "four"]["images"], cells["m-2", "four"]["images"]) == (4, 2)
    assert cells["m", "four"]["mean"] == pytest.approx(
        np.mean([float(row["dice"]) for row in rows(output / "m" / "four")])
    )
    assert "two conventions" in cells["m", "through_the_heart"]["reason"]
    assert f"{cells['m', 'four']['mean']:.4f}" in ended.out


def test_an_image_that_cannot_be_read_is_told(cxrtk_command, dataset, tmp_path):
    """The others are measured, and the exit code says so."""
    first = sorted((dataset / "images").iterdir())[0]
    first.write_bytes(b"\x89PNG nothing")
    ended = cxrtk_command(
        "evaluate", "--masks", "mean_threshold", "--dataset_dir", dataset, "--reader", "image_mask_folder",
        "-o", tmp_path / "a",
    )  # fmt: skip
    assert ended.code == 3 and "1 image that could not be read" in ended.err
    assert len(rows(tmp_path / "a")) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "one of --model, --folds, --predictions and --masks"),
        (("--masks", "mean_threshold", "--model", "x"), "one of"),
        (("--masks", "mean_threshold", "--by", "age"), "no such column; available: stem, sex"),
        (("--masks", "mean_threshold", "--metrics", "dise"), "Did you mean 'dice'"),
        (("--masks", "mean_threshold", "--split", "test"), "splits.json"),
        (("--masks", "mean_threshold", "--threshold", "0.4"), "for models"),
        (("--masks", "mean_threshold", "--set", "nds#tolerance=1"), "nds#"),
        (("--masks", "mean_threshold", "--set", "nsd#tolerence=1"), "tolerence"),
        (("--masks", "mean_threshold", "--compare", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line(cxrtk_command, dataset, tmp_path, arguments, said):
    """Before anything is written."""
    ended = cxrtk_command("evaluate", *arguments, "--dataset_dir", dataset, "-o", tmp_path / "out")
    assert ended.code == 2 and said in ended.err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_the_tolerance_is_a_setting(cxrtk_command, dataset, tmp_path):
    """A wider one finds more of the outlines, and the record says which it was."""
    found = []
    for tolerance in (1, 5):
        output = tmp_path / str(tolerance)
        cxrtk_command(
            "evaluate", "--masks", "mean_threshold", "--dataset_dir", dataset, "-o", output, "-q",
            "--metrics", "nsd", "--set", f"nsd#tolerance={tolerance}",
        )  # fmt: skip
        content = json.loads((output / "evaluation.json").read_text())
        assert content["about"]["metric_settings"] == {"nsd#tolerance": tolerance}
        found.append(content["summary"][0]["mean"])
    assert found[0] < found[1]
