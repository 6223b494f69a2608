"""`cxrtk evaluate --folds`, and of an ensemble: six images of JSRT, three folds."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet
from PIL import Image

from cxrtk.models.find import find_model
from cxrtk.models.model_file import ModelSpec, save_model

ARGUMENTS = {"spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4, 8], "strides": [2]}


def rows(folder):
    with (folder / "cases.csv").open(encoding="utf-8") as file:
        return {row["image"].split("/")[-1]: row for row in csv.DictReader(file)}


@pytest.fixture
def dataset(cxrtk_data, tmp_path):
    """Six images with masks, a patient each."""
    folder = tmp_path / "six"
    stems = sorted(path.stem for path in (cxrtk_data / "jsrt" / "images").iterdir())[:6]
    for sub in ("images", "masks"):
        (folder / sub).mkdir(parents=True)
        for stem in stems:
            shutil.copy(cxrtk_data / "jsrt" / sub / f"{stem}.png", folder / sub)
    return folder


@pytest.fixture
def runs(dataset, tmp_path):
    """Three model files, each beside the split of its fold; other weights each."""
    names = sorted(path.name for path in (dataset / "images").iterdir())
    found = []
    for fold in range(3):
        torch.manual_seed(fold)
        folder = tmp_path / f"f{fold}"
        folder.mkdir()
        network = {"_target_": "monai.networks.nets.UNet", **ARGUMENTS}
        spec = ModelSpec(f"f{fold}", network, ("lungs",), image_size=32)
        save_model(spec, UNet(**ARGUMENTS).state_dict(), folder / "m.safetensors")
        test = names[2 * fold : 2 * fold + 2]
        others = [name for name in names if name not in test]
        split = {"train": others[1:], "validation": others[:1], "test": test}
        (folder / "splits.json").write_text(json.dumps(split))
        found.append(folder / "m.safetensors")
    return found


def evaluate(command, dataset, output, *words):
    common = ("--dataset_dir", dataset, "--reader", "image_mask_folder", "--set", "reader#heart=excluded")
    return command("evaluate", *words, *common, "--metrics", "dice,iou", "-o", output, "--json")


def test_each_image_is_measured_by_the_run_that_tested_it(cxrtk_command, dataset, runs, tmp_path):
    """Masks and numbers are those of each run evaluated alone on its own test part."""
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", "--folds", ",".join(map(str, runs)))
    assert ended.code == 0, ended.err
    together = rows(tmp_path / "all")
    assert len(together) == 6
    for number, run in enumerate(runs):
        output = tmp_path / f"alone{number}"
        assert evaluate(cxrtk_command, dataset, output, "--model", run).code == 0
        alone = rows(output)
        assert len(alone) == 2
        for name, row in alone.items():
            assert together[name]["dice"] == row["dice"]
            masks = [
                np.asarray(Image.open(folder / each["mask"]))
                for folder, each in ((tmp_path / "all", together[name]), (output, row))
            ]
            assert np.array_equal(*masks)


def test_it_is_summed_up_by_fold_too(cxrtk_command, dataset, runs, tmp_path):
    """A column with the run, and the mean of its two images."""
    evaluate(cxrtk_command, dataset, tmp_path / "all", "--folds", ",".join(map(str, runs)))
    found = rows(tmp_path / "all")
    assert len({row["column:fold"] for row in found.values()}) == 3
    content = json.loads((tmp_path / "all" / "evaluation.json").read_text())
    groups = content["subgroups"]["fold"]
    assert len(groups) == 3
    for name, summaries in groups.items():
        dice = next(each for each in summaries if each["metric"] == "dice")
        values = [float(row["dice"]) for row in found.values() if row["column:fold"] == name]
        assert dice["images"] == 2 and dice["mean"] == pytest.approx(np.mean(values), abs=1e-6)


def test_no_image_counts_as_trained_on(cxrtk_command, dataset, runs, tmp_path):
    """Each was tested; that others trained on it does not matter."""
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", "--folds", ",".join(map(str, runs)))
    assert "TRAINED" not in ended.err
    assert {row["part"] for row in rows(tmp_path / "all").values()} == {"test"}


def test_what_any_member_of_an_ensemble_trained_on_counts_as_trained_on(
    cxrtk_command, dataset, runs, tmp_path
):
    """All but the first image, which the others validate on; and that is said aloud."""
    words = ("--model", "+".join(map(str, runs)), "--split", "all")
    ended = evaluate(cxrtk_command, dataset, tmp_path / "e", *words)
    assert ended.code == 0, ended.err
    assert "TRAINED on 5 of these 6 images" in ended.err


def test_runs_that_test_the_same_image_are_no_folds(cxrtk_command, dataset, runs, tmp_path):
    """One line with the image and both runs."""
    shutil.copy(runs[0].with_name("splits.json"), runs[1].with_name("splits.json"))
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", "--folds", ",".join(map(str, runs[:2])))
    assert ended.code == 2
    assert "both test it" in ended.err and ended.err.strip().count("\n") == 0


def test_other_options_of_what_is_evaluated_are_refused(cxrtk_command, dataset, runs, tmp_path):
    """No option is ignored silently."""
    words = ("--folds", ",".join(map(str, runs)), "--split", "all")
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", *words)
    assert ended.code == 2 and "--folds determines the images" in ended.err


def test_a_fold_that_is_missing_is_said(cxrtk_command, dataset, runs, tmp_path):
    """Two images of six are tested by the third run."""
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", "--folds", ",".join(map(str, runs[:2])))
    assert ended.code == 0, ended.err
    assert len(rows(tmp_path / "all")) == 4
    assert "2 of 6 images are tested by none of these runs" in ended.err


def test_runs_of_other_images_are_no_folds(cxrtk_command, dataset, runs, tmp_path):
    """One line with both runs."""
    path = runs[1].with_name("splits.json")
    split = json.loads(path.read_text())
    path.write_text(json.dumps({**split, "train": split["train"][1:]}))
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", "--folds", ",".join(map(str, runs)))
    assert ended.code == 2
    assert "were trained on different data" in ended.err and ended.err.strip().count("\n") == 0


def resave(path, **changes):
    """The same weights with another description."""
    model = find_model(str(path), "cpu")
    save_model(replace(model.spec, **changes), model.network.state_dict(), path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"image_size": 64}, "their image_size is 32 and 64"),
        ({"heart": "included"}, "their heart is 'excluded' and 'included'"),
        ({"threshold": 0.4}, "cut at the probabilities 0.5 and 0.4"),
    ],
)
def test_runs_that_differ_are_no_folds(cxrtk_command, dataset, runs, tmp_path, changes, why):
    """One line with what differs."""
    resave(runs[1], **changes)
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", "--folds", ",".join(map(str, runs)))
    assert ended.code == 2
    assert why in ended.err and ended.err.strip().count("\n") == 0


def test_one_threshold_for_all_folds(cxrtk_command, dataset, runs, tmp_path):
    """The given threshold replaces those of the folds."""
    resave(runs[1], threshold=0.4)
    words = ("--folds", ",".join(map(str, runs)), "--threshold", "0.3")
    ended = evaluate(cxrtk_command, dataset, tmp_path / "all", *words)
    assert ended.code == 0, ended.err
    content = json.loads((tmp_path / "all" / "evaluation.json").read_text())
    assert content["about"]["predictions"]["threshold"] == 0.3


def test_an_ensemble_of_folds_has_no_test_images(cxrtk_command, dataset, runs, tmp_path):
    """The message states this and names the option to use instead."""
    ended = evaluate(cxrtk_command, dataset, tmp_path / "out", "--model", "+".join(map(str, runs)))
    assert ended.code == 2
    assert "the test part of all 3 runs; say --split all, or, of the folds" in ended.err


@pytest.mark.parametrize(
    "words", [("--folds", ","), ("--model", "+", "--split", "all")], ids=["folds", "ensemble"]
)
def test_all_split_files_are_on_record(cxrtk_command, dataset, runs, tmp_path, words):
    """The split files of folds and of the members of an ensemble are recorded."""
    what, between, *others = words
    named = between.join(map(str, runs))
    assert evaluate(cxrtk_command, dataset, tmp_path / "out", what, named, *others).code == 0
    content = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert content["about"]["split"]["files"] == [str(run.with_name("splits.json")) for run in runs]


def test_an_ensemble_segments(cxrtk_command, dataset, runs, tmp_path):
    """Masks of an image by two models joined."""
    image = next((dataset / "images").iterdir())
    ended = cxrtk_command("segment", "-i", image, "-o", tmp_path / "out", "--model", f"{runs[0]}+{runs[1]}")
    assert ended.code == 0, ended.err
    assert (tmp_path / "out" / image.name).is_file()
