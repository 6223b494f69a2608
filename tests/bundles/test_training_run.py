"""One run of the bundle on real radiographs, small enough for every commit: its curves, files and numbers."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import skimage.transform
import torch
from PIL import Image
from sklearn.metrics import accuracy_score, f1_score, jaccard_score

from cxrtk import networks

from .training import (
    BASIC,
    EPOCHS,
    FP32,
    SIZE,
    SMALL,
    TAGS,
    events,
    link_pairs,
    overlaid,
    run,
    table,
    values,
    weights,
)

pytestmark = pytest.mark.usefixtures("process_as_it_was")


@pytest.fixture(scope="module")
def pairs(cxrtk_data, tmp_path_factory) -> Path:
    """Ten radiographs of jsrt with their masks: 6 train, 1 validates, 3 test."""
    return link_pairs(cxrtk_data, tmp_path_factory.mktemp("jsrt"))


@pytest.fixture(scope="module")
def trained(pairs, tmp_path_factory) -> Path:
    """A run of `basic_unet` by the human masks of `pairs`."""
    folder = tmp_path_factory.mktemp("work")
    override = {"dataset_dir": str(pairs), "run_name": "first", **SMALL, **BASIC, **FP32}
    return run(folder, overlaid("human_masks"), **override)


def test_the_loss_falls_and_dice_rises(trained):
    """Over eight epochs on six radiographs: the training loss by a third, validation Dice above 0.7."""
    losses, dice = values(trained / "train", "loss"), values(trained / "validation", "metric/dice")
    assert len(losses) == len(dice) == EPOCHS
    assert losses[-1] < 0.67 * losses[0]
    assert dice[-1] > max(0.7, dice[0])


@pytest.mark.parametrize("part", ["train", "validation"])
def test_both_curves_have_the_same_tags(trained, part):
    """So that TensorBoard draws training and validation on one chart; rate and settings are training's."""
    tags = events(trained / part).Tags()
    assert set(tags["scalars"]) == TAGS[part]
    assert tags["tensors"] == (["config/text_summary"] if part == "train" else [])
    shown = {"train": {"overlay/0", "overlay/1"}, "validation": {"overlay/0"}}  # one image validates
    assert set(tags["images"]) == shown[part]
    assert [event.step for event in events(trained / part).Images("overlay/0")] == [*range(1, EPOCHS + 1)]


def test_the_settings_are_in_the_curves(trained, pairs):
    """What was run on what, as JSON."""
    (event,) = events(trained / "train").Tensors("config/text_summary")
    settings = json.loads(event.tensor_proto.string_val[0])
    expected = {
        "network": "BasicUNet",
        "dataset_dir": str(pairs),
        "images": {"train": 6, "validation": 1, "test": 3},
        "image_size": SIZE,
        "seed": 0,
        "labels": "human masks, heart unknown",
    }
    assert {key: settings[key] for key in expected} == expected


def test_the_learning_rate_warms_up_and_falls(trained):
    """At its height after the first epoch, a hundredth of it at the end."""
    rates = values(trained / "train", "lr")
    assert rates[0] == pytest.approx(SMALL["learning_rate"])
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(SMALL["learning_rate"] / 100, rel=0.5)


def test_the_checkpoints_need_no_pickle(trained):
    """All load as plain tensors into the network that was trained; two whole states are left."""
    network = networks.create("basic_unet")
    states = [f"checkpoint_epoch={epoch}.pt" for epoch in (EPOCHS - 1, EPOCHS)]
    assert sorted(path.name for path in trained.glob("*.pt")) == ["best.pt", *states, "last.pt"]
    for name in ("best.pt", "last.pt", *states):
        network.load_state_dict(weights(trained / name))
    whole = torch.load(trained / states[1], weights_only=True)
    assert {"optimizer", "lr_scheduler", "progress", "settings"} <= whole.keys()


def test_the_record_says_what_was_run(trained, pairs):
    """Complete, all epochs, the best as in the rows of the metrics, the settings and the data."""
    about = json.loads((trained / "run.json").read_text())
    expected = {
        "number": 1,
        "status": "complete",
        "epoch": EPOCHS,
        "max_epochs": EPOCHS,
        "key_metric": "dice",
    }
    assert {key: about[key] for key in expected} == expected
    rows = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [*range(1, EPOCHS + 1)]
    dice = [row["validation"]["dice"] for row in rows]
    assert (about["best_metric"], about["best_epoch"]) == (max(dice), dice.index(max(dice)) + 1)
    assert dice == pytest.approx(values(trained / "validation", "metric/dice"))
    # all items of the reader, in its order: the files by name
    files = sorted((pairs / "images").iterdir())
    digest = hashlib.sha256("".join(f"{f.name}\0{f.stat().st_size}\n" for f in files).encode())
    assert about["settings"]["data"] == digest.hexdigest()
    assert about["settings"]["seed"] == 0


def test_the_kept_config_is_what_was_run(trained):
    """Base, overlay and command line in one file."""
    config = json.loads((trained / "config.json").read_text())
    assert {key: config[key] for key in SMALL} == SMALL
    assert config["network_def"]["name"] == "basic_unet" and config["run_name"] == "first"
    assert config["reader"]["name"] == "image_mask_folder"
    assert config["run_dir"].startswith("$cxrtk.training.open_run(")


def test_a_complete_run_is_left_alone(trained, pairs, capsys):
    """Resumed with the epochs it has: exit code 0, one line, no file touched."""

    def state() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in trained.rglob("*")}

    before = state()
    override = {"dataset_dir": str(pairs), **SMALL, **BASIC, **FP32, "resume_from": "latest"}
    with pytest.raises(SystemExit) as ended:
        run(trained.parents[1], overlaid("human_masks"), **override)
    assert ended.value.code == 0
    assert f"{trained.name} is already complete: {EPOCHS} of {EPOCHS} epochs" in capsys.readouterr().err
    assert state() == before


def test_the_split_is_saved_and_the_test_table_has_its_images(trained, pairs):
    """Ten images in three parts; each metric's table has one row for each image of the test part."""
    named = json.loads((trained / "splits.json").read_text())
    assert {part: len(names) for part, names in named.items()} == {"train": 6, "validation": 1, "test": 3}
    images = [f"images/{file.name}" for file in (pairs / "images").iterdir()]
    assert sorted(name for names in named.values() for name in names) == sorted(images)
    for metric in ("dice", "iou", "pixel_accuracy"):
        rows = table(trained / "test" / f"{metric}_raw.csv")
        assert sorted(rows) == sorted(Path(name).stem for name in named["test"])


def test_the_result_says_what_was_measured_and_is_the_mean_of_the_table(trained):
    """Original size, human masks, the best checkpoint, and each metric's plain mean over three images."""
    report = json.loads((trained / "test_metrics.json").read_text())
    assert report["resolution"] == "original size"
    assert report["truth"] == "human masks, heart unknown"
    assert report["images"] == 3
    assert report["checkpoint"].endswith("first/best.pt")
    assert set(report["metrics"]) == {"dice", "iou", "pixel_accuracy"}
    for metric, mean in report["metrics"].items():
        rows = table(trained / "test" / f"{metric}_raw.csv")
        assert mean == pytest.approx(np.mean([*rows.values()]), abs=1e-6)


def resize(plane: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear; before reduction by s, MONAI smooths by (s - 1) / 2 and takes the outside for black."""
    sigma = [max(0.0, (old / new - 1) / 2) for old, new in zip(plane.shape, (height, width), strict=True)]
    smooth = scipy.ndimage.gaussian_filter(plane, sigma, mode="constant")
    # order=1, no anti-aliasing and clamped edges: pixel centres at half-integers, as torch has them
    return skimage.transform.resize(smooth, (height, width), order=1, mode="edge", anti_aliasing=False)


def test_the_numbers_are_those_of_another_pipeline(trained, pairs):
    """Pillow, numpy, scipy and scikit-learn, at 224 x 224, come to the same within two thousandths."""
    network = networks.create("basic_unet").eval()
    network.load_state_dict(weights(trained / "best.pt"))
    scores = {"dice": f1_score, "iou": jaccard_score, "pixel_accuracy": accuracy_score}
    tables = {name: table(trained / "test" / f"{name}_raw.csv") for name in scores}
    for stem in tables["dice"]:
        pixels = np.asarray(Image.open(pairs / "images" / f"{stem}.png"), dtype=np.float64)
        truth = np.asarray(Image.open(pairs / "masks" / f"{stem}.png").convert("L")) > 0
        low, high = np.percentile(pixels, (1, 99))
        small = resize(np.clip((pixels - low) / (high - low), 0, 1), SIZE, SIZE)
        fed = torch.tensor((small - 0.5) / 0.25, dtype=torch.float32)
        with torch.no_grad():
            logits = network(fed.expand(1, 3, -1, -1))
        pred = resize(torch.sigmoid(logits)[0, 0].numpy().astype(float), *truth.shape) > 0.5
        for name, score in scores.items():
            expected = score(truth.ravel(), pred.ravel())
            assert expected > 0.5
            assert tables[name][stem] == pytest.approx(expected, abs=0.002), (stem, name)
