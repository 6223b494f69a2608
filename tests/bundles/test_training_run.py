"""Whole runs of the bundle on real radiographs, small enough for every commit."""

import csv
import gc
import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
import skimage.transform
import torch
from ignite.engine import Engine, Events
from monai.bundle import ConfigWorkflow
from monai.utils import set_determinism
from PIL import Image
from sklearn.metrics import accuracy_score, f1_score, jaccard_score
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter

from cxrtk import networks, phantom
from cxrtk.bundles import assemble, shipped, write
from cxrtk.process import lock
from cxrtk.training import TrainHandlers
from tests.bundles.open_sources import FEW_PHANTOMS, LICENCES, link_some, manifest

SIZE = 32
EPOCHS = 8
SMALL = {"image_size": SIZE, "max_epochs": EPOCHS, "batch_size": 4, "learning_rate": 0.003, "overlays": 2}
BASIC = {"network_def#name": "basic_unet"}
FP32 = {f"{part}#inferer#bf16": False for part in ("train", "validate", "test")}
CURVES = {"loss", "metric/dice", "metric/iou", "metric/pixel_accuracy", "images_per_second"}
TAGS = {"train": {*CURVES, "lr"}, "validation": CURVES}
DARK = """
from cxrtk import masks

@masks.register("dark")
def dark():
    return lambda image: (image < image.mean()).float()
"""


pytestmark = pytest.mark.usefixtures("process_as_it_was")


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """As `contextlib.chdir` of Python 3.11, with small tensors' one thread and free seeds afterwards."""
    before, threads = Path.cwd(), torch.get_num_threads()
    os.chdir(folder)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        set_determinism(None)
        torch.set_num_threads(threads)
        os.chdir(before)


def run(folder: Path, configs: list[Path], **override: Any) -> Path:
    """Run a bundle under `folder`; return the run's folder."""
    before = set((folder / "runs").glob("*"))
    resumed = override.get("resume_from")
    with working_in(folder):
        workflow = ConfigWorkflow(
            config_file=[str(config) for config in configs],
            meta_file=str(shipped()["unet_cxr"].with_name("metadata.json")),
            logging_file=False,
            workflow_type="train",
            **{"device": "$torch.device('cpu')", **override},
        )
        try:
            workflow.initialize()
            workflow.run()
            workflow.finalize()
        finally:
            close_curves()
    new = set((folder / "runs").glob("*")) - before
    if resumed:
        assert not new
        return folder / "runs" / str(resumed)
    (made,) = new
    return made


def close_curves() -> None:
    """Close all writers of curves, as the end of the process does; their threads know relative paths only."""
    for each in gc.get_objects():
        if type(each) is SummaryWriter:  # isinstance asks proxies for their class, which warn
            each.close()


def overlaid(*names: str) -> list[Path]:
    return [shipped()[name] for name in ("unet_cxr", *names)]


@pytest.fixture(scope="module")
def pairs(cxrtk_data, tmp_path_factory) -> Path:
    """Ten radiographs of jsrt with their masks: 6 train, 1 validates, 3 test."""
    folder = tmp_path_factory.mktemp("jsrt")
    for sub in ("images", "masks"):
        (folder / sub).mkdir()
        for file in sorted((cxrtk_data / "jsrt" / sub).glob("*.png"))[:10]:
            (folder / sub / file.name).symlink_to(file)
    return folder


@pytest.fixture(scope="module")
def trained(pairs, tmp_path_factory) -> Path:
    """A run of `basic_unet` by the human masks of `pairs`."""
    folder = tmp_path_factory.mktemp("work")
    override = {"dataset_dir": str(pairs), "run_name": "first", **SMALL, **BASIC, **FP32}
    return run(folder, overlaid("human_masks"), **override)


def events(folder: Path) -> EventAccumulator:
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
    accumulator.Reload()
    return accumulator


def values(folder: Path, tag: str) -> list[float]:
    return [event.value for event in events(folder).Scalars(tag)]


def table(path: Path) -> dict[str, float]:
    """Image name -> number of one of the per-image tables."""
    with path.open(newline="") as file:
        return {Path(row["filename"]).stem: float(row["mean"]) for row in csv.DictReader(file)}


def weights(path: Path) -> dict[str, torch.Tensor]:
    """Of any checkpoint of a run."""
    checkpoint: dict[str, Any] = torch.load(path, weights_only=True)
    model: dict[str, torch.Tensor] = checkpoint["model"]
    return model


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


@pytest.mark.slow
def test_an_interrupted_run_ends_as_an_undisturbed_one(pairs, tmp_path, monkeypatch):
    """Stopped in the third of three epochs, resumed: same weights, same test, one row an epoch."""
    override = {**SMALL, **BASIC, **FP32, "max_epochs": 3, "dataset_dir": str(pairs)}
    whole = run(tmp_path, overlaid("human_masks"), run_name="whole", **override)

    def stop(handler: TrainHandlers, engine: Engine) -> None:
        attach(handler, engine)
        engine.add_event_handler(Events.ITERATION_COMPLETED(once=5), lambda: 1 / 0)

    attach = TrainHandlers.attach
    with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="trainer"):
        patched.setattr(TrainHandlers, "attach", stop)
        run(tmp_path, overlaid("human_masks"), run_name="parts", **override)
    parts = tmp_path / "runs" / "parts"
    assert not (parts / "last.pt").exists() and (parts / "checkpoint_epoch=2.pt").exists()
    with working_in(tmp_path):
        lock.release(parts)  # as the end of the process does
    again = run(tmp_path, overlaid("human_masks"), resume_from="parts", **override)
    assert again == parts
    one, same = (weights(folder / "last.pt") for folder in (whole, parts))
    assert all(torch.equal(one[key], same[key]) for key in one)
    results = [json.loads((folder / "test_metrics.json").read_text())["metrics"] for folder in (whole, parts)]
    assert results[0] == results[1]
    assert values(parts / "train", "metric/dice") == values(whole / "train", "metric/dice")


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


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(pairs, tmp_path):
    """The paper's network, two epochs with augmentation on the CPU: equal to the last bit."""
    override = {**SMALL, "max_epochs": 2, "dataset_dir": str(pairs)}
    runs = [run(tmp_path, overlaid("human_masks"), seed=seed, **override) for seed in (0, 0, 1)]
    one, same, other = (weights(folder / "last.pt") for folder in runs)
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not any(torch.equal(one[key], other[key]) for key in one if key.endswith("weight"))
    assert (runs[0] / "test_metrics.json").read_text().replace(runs[0].name, runs[1].name) == (
        runs[1] / "test_metrics.json"
    ).read_text()


def test_nih_images_without_masks_train_by_generated_ones(plugin_folder, cxrtk_data, tmp_path):
    """An assembled YAML config, its generator dropped in, on four PNGs of ChestX-ray14."""
    plugin_folder.write("masks", "dark", DARK)
    config = assemble(
        reader="nih_png", masks="dark", network="basic_unet", metrics=["iou", "dice"], config_name="mine"
    )
    write(config, tmp_path / "mine.yaml")
    override = {**SMALL, "max_epochs": 2, "dataset_dir": str(cxrtk_data / "nih")}
    folder = run(tmp_path, [tmp_path / "mine.yaml"], **override)
    assert folder.name.startswith("mine-")
    report = json.loads((folder / "test_metrics.json").read_text())
    assert report["truth"] == "generated masks (weak labels)"
    assert list(report["metrics"]) == ["iou", "dice"] and report["images"] == 1
    assert set(events(folder / "train").Tags()["scalars"]) == TAGS["train"] - {"metric/pixel_accuracy"}


def test_nih_images_train_by_the_papers_thresholds(cxrtk_data, tmp_path):
    """The shipped config as it is: its reader, its generator, no masks."""
    override = {**SMALL, "max_epochs": 1, "dataset_dir": str(cxrtk_data / "nih")}
    folder = run(tmp_path, overlaid(), **override)
    assert json.loads((folder / "test_metrics.json").read_text())["truth"] == "generated masks (weak labels)"


def test_without_a_data_set_the_sample_is_used(monkeypatch, tmp_path, caplog):
    """Phantoms in the NIH layout, through the same reader; the log says so in one line."""
    monkeypatch.setattr(phantom, "sample", lambda folder: phantom.write_nih(folder, count=8, size=64))
    with caplog.at_level(logging.INFO, "cxrtk"):
        folder = run(tmp_path, overlaid(), **{**SMALL, "max_epochs": 1}, **BASIC)
    assert sum("built-in sample" in record.message for record in caplog.records) == 1
    assert (tmp_path / "data" / "phantom" / "masks").is_dir()
    assert json.loads((folder / "test_metrics.json").read_text())["truth"] == "exact masks, heart excluded"


@pytest.mark.slow
def test_the_commands_of_the_readme(pairs, tmp_path, fresh_python: Callable[..., Any]):
    """``python -m monai.bundle run`` trains with a swapped network; evaluating it gives the run's numbers."""
    words = {**SMALL, **BASIC, "max_epochs": 2, "dataset_dir": pairs, "reader#name": "image_mask_folder"}
    settings = [word for name, value in words.items() for word in (f"--{name}", value)]
    command = ["-m", "monai.bundle", "run", "--config_file"]
    base = shipped()["unet_cxr"]
    ended = fresh_python(*command, base, *settings, "--run_name", "trained", CXRTK_BF16=0, OMP_NUM_THREADS=1)
    assert ended.code == 0, ended.out + ended.err
    report = json.loads((tmp_path / "runs" / "trained" / "test_metrics.json").read_text())
    assert f"dice {report['metrics']['dice']:.4f}" in ended.out
    files = str([str(base), str(shipped()["evaluate"])])
    evaluate = [*settings, "--checkpoint", "runs/trained/best.pt", "--run_name", "evaluated"]
    ended = fresh_python(*command, files, *evaluate, CXRTK_BF16=0, OMP_NUM_THREADS=1)
    assert ended.code == 0, ended.out + ended.err
    again = json.loads((tmp_path / "runs" / "evaluated" / "test_metrics.json").read_text())
    assert again["metrics"].items() >= report["metrics"].items()
    assert set(again["metrics"]) >= {"sensitivity", "hd95", "assd", "nsd", "area_error"}
    assert again == {**report, "metrics": again["metrics"], "checkpoint": "runs/trained/best.pt"}
    assert not list((tmp_path / "runs" / "evaluated").glob("*.pt"))


@pytest.mark.slow
def test_the_open_sources_train_the_lungs(cxrtk_data, tmp_path):
    """Six images of each real source, and of the COVID-19 images three more that are not for every use.

    The loss falls in two epochs; the three are in no part, phantoms without files are, and only human
    masks are tested.
    """
    data = tmp_path / "data"
    for source in ("wingspan", "kermany_v7"):
        link_some(
            cxrtk_data / source, data / source, [row["stem"] for row in manifest(cxrtk_data / source)][:6]
        )
    rows = manifest(cxrtk_data / "covid_v7")
    opened = []
    for licence in LICENCES:  # three patients of each
        stems = {row["patient"]: row["stem"] for row in rows if row["image_license"] == licence}
        opened += list(stems.values())[:3]
    closed = [row["stem"] for row in rows if row["image_license"] not in LICENCES][:3]
    link_some(cxrtk_data / "covid_v7", data / "covid_v7", [*opened, *closed])
    override = {"image_size": 64, "max_epochs": 2, "val_interval": 1, "batch_size": 4, "overlays": 2}
    folder = run(tmp_path, overlaid("lungs", "lungs_open"), dataset_dir=str(data), **override, **FEW_PHANTOMS)
    parts = json.loads((folder / "splits.json").read_text())
    named = [name for names in parts.values() for name in names]
    sources = Counter(name.split("/")[0] for name in named)
    assert sources == {"wingspan": 6, "kermany_v7": 6, "covid_v7": 6, "phantoms": 4}
    assert not set(closed) & {Path(name).stem for name in named}
    assert not (data / "phantoms").exists()
    report = json.loads((folder / "test_metrics.json").read_text())
    tested = sum(name.startswith("wingspan/") for name in parts["test"])
    assert (report["truth"], report["images"]) == ("human masks, heart excluded", tested)
    first, last = values(folder / "validation", "loss")
    assert last < first
    about = json.loads((folder / "run.json").read_text())
    assert "exact masks, heart excluded" in about["settings"]["labels"]


def test_a_run_without_a_checkpoint_to_evaluate_is_an_error(pairs, tmp_path):
    """It does not test the untrained network."""
    with pytest.raises(RuntimeError) as caught:
        run(tmp_path, overlaid("human_masks", "evaluate"), dataset_dir=str(pairs), **SMALL)
    error: BaseException | None = caught.value
    causes = []
    while error is not None:
        causes.append(str(error))
        error = error.__cause__
    assert any("No checkpoint to evaluate" in cause for cause in causes)
    assert not list(tmp_path.rglob("test_metrics.json"))
