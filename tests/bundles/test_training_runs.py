"""Whole runs of the bundle on several kinds of data, resumed, and repeated."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Engine, Events

from cxrtk import phantom
from cxrtk.bundles import assemble, shipped, write
from cxrtk.process import lock
from cxrtk.training import TrainHandlers
from tests.bundles.open_sources import FEW_PHANTOMS, LICENCES, link_some, manifest

from .training import BASIC, FP32, SMALL, TAGS, events, link_pairs, overlaid, run, values, weights, working_in

DARK = """
from cxrtk import masks

@masks.register("dark")
def dark():
    return lambda image: (image < image.mean()).float()
"""
pytestmark = pytest.mark.usefixtures("process_as_it_was")


@pytest.fixture(scope="module")
def pairs(cxrtk_data, tmp_path_factory) -> Path:
    """Ten radiographs of jsrt with their masks: 6 train, 1 validates, 3 test."""
    return link_pairs(cxrtk_data, tmp_path_factory.mktemp("jsrt"))


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
