"""`multi_gpu`: two processes train as one with batches twice as large, and end as one."""

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ignite.engine import Events
from monai.bundle import ConfigWorkflow
from monai.utils import set_determinism

from cxrtk import phantom
from cxrtk.bundles import shipped
from cxrtk.errors import ConfigError
from cxrtk.training import checkpoints, metrics_log, record
from tests.ranks import Ended, passed, start

pytestmark = pytest.mark.usefixtures("process_as_it_was")
SMALL = {
    "labels": "files",
    "image_size": 32,
    "overlays": 1,
    "run_name": "a",
    "device": "cpu",
    "train#random_transforms": [
        "%validate#preprocessing#transforms#5",
        "%validate#preprocessing#transforms#6",
    ],
    **{f"{part}#inferer#bf16": False for part in ("train", "validate", "test")},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Phantoms with masks, split so that neither validation nor test can be halved."""
    folder = phantom.write_nih(tmp_path_factory.mktemp("set") / "set", count=14, size=64)
    images = sorted(path.name for path in (folder / "images").iterdir())
    return folder if len(images) == 14 else pytest.fail("the phantoms are others")


def run(folder: Path, data: Path, *overlays: str, fault: Any = None, **override: Any) -> None:
    """Run the bundle in this process, under `folder`."""
    os.chdir(folder)
    workflow = ConfigWorkflow(
        config_file=[str(shipped()[name]) for name in ("unet_cxr", *overlays)],
        meta_file=str(shipped()["unet_cxr"].with_name("metadata.json")),
        logging_file=False,
        workflow_type="train",
        **{**SMALL, "dataset_dir": str(data), **override},
    )
    workflow.initialize()
    if fault is not None:
        workflow.trainer.add_event_handler(Events.ITERATION_STARTED(once=3), fault)
    workflow.run()
    workflow.finalize()


def of_two(folder: Path, data: Path, **override: Any) -> Ended:
    """Run the bundle in two processes, under `folder`."""
    return start(lambda: run(folder, data, "multi_gpu", **override), folder, join=False)


@pytest.fixture(scope="module")
def both(data, tmp_path_factory) -> tuple[Path, Path]:
    """The folders of the run of one process, with batches of 4, and of that of two, with batches of 2."""
    folders = []
    before = Path.cwd()
    for name in ("one", "two"):
        folder = tmp_path_factory.mktemp(name)
        folders.append(folder / "runs" / "a")
        try:
            if name == "one":
                run(folder, data, batch_size=4, max_epochs=3, split_file=str(split_of(data, folder)))
            else:
                split = str(split_of(data, folder))
                passed(of_two(folder, data, batch_size=2, max_epochs=3, split_file=split))
        finally:
            set_determinism(None)
            os.chdir(before)
    return folders[0], folders[1]


def split_of(data: Path, folder: Path) -> Path:
    """Split by patients: 8 images train, so that the batches of two processes come out even."""
    patients: dict[str, list[str]] = {}
    for path in sorted((data / "images").iterdir()):
        patients.setdefault(path.name.partition("_")[0], []).append(path.name)
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for names in sorted(patients.values(), key=len, reverse=True):
        part = "train" if len(parts["train"]) + len(names) <= 8 else "validation"
        if part == "validation" and len(parts["validation"]) + len(names) > 3:
            part = "test"
        parts[part] += names
    assert len(parts["train"]) == 8 and all(len(parts[part]) % 2 for part in ("validation", "test")), parts
    file = folder / "split.json"
    file.write_text(json.dumps(parts))
    return file


@pytest.mark.slow
def test_two_processes_have_the_curves_of_one(both):
    """Losses and metrics of training and validation in every epoch: batches of 2 in each against 4 in one.

    The network has no batch norm, so that no image's result depends on the other images of its batch.
    """
    one, two = (metrics_log.read(folder) for folder in both)
    assert len(one) == len(two) == 3
    for mine, other in zip(one, two, strict=True):
        for part in ("train", "validation"):
            assert mine[part].keys() == other[part].keys() >= {"loss", "dice"}
            for name, value in mine[part].items():
                assert other[part][name] == pytest.approx(value, rel=2e-4, abs=2e-4), (part, name)
        assert mine["iteration"] == other["iteration"] and mine["lr"] == pytest.approx(other["lr"])
    assert one[-1]["train"]["loss"] < one[0]["train"]["loss"] - 0.01  # there was something to learn


@pytest.mark.slow
def test_of_an_uneven_test_set_every_image_counts_once(both):
    """The table has a row for each image, in the order of one process, and the mean is theirs."""
    tables, reports = [], []
    for folder in both:
        with (folder / "test" / "dice_raw.csv").open(newline="") as file:
            tables.append({row["filename"]: float(row["mean"]) for row in csv.DictReader(file)})
        reports.append(json.loads((folder / "test_metrics.json").read_text()))
    assert list(tables[0]) == list(tables[1]) and len(tables[0]) % 2 == 1
    assert reports[0]["images"] == reports[1]["images"] == len(tables[0])
    np.testing.assert_allclose(list(tables[0].values()), list(tables[1].values()), atol=2e-3)
    assert reports[1]["metrics"]["dice"] == pytest.approx(np.mean(list(tables[1].values())), abs=1e-4)


@pytest.mark.slow
def test_the_run_is_written_once_and_is_a_run_like_any(both):
    """The same files, one record, weights under the same names; the settings say that there were two."""
    one, two = both

    def files(folder: Path) -> set[str]:
        names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        return {name.rpartition("/")[0] if "tfevents" in name else name for name in names}

    assert files(one) == files(two)
    for part in ("train", "validation"):
        assert len(list((two / part).iterdir())) == 1  # event file: one process wrote
    about = record.read(two)
    assert about["status"] == "complete" and about["epoch"] == 3 and len(about["commands"]) == 1
    assert about["settings"]["processes"] == 2
    mine, other = (checkpoints.load(folder / "last.pt")["model"] for folder in both)
    assert mine.keys() == other.keys()
    for name, value in mine.items():
        torch.testing.assert_close(other[name], value, rtol=0, atol=2e-3)


@pytest.mark.slow
def test_it_can_be_resumed_with_as_many_processes(both, data, tmp_path):
    """Two epochs and then one more are, to the last bit, three in one go; one process is refused."""
    split = str(split_of(data, tmp_path))
    common = {"batch_size": 2, "split_file": split}
    passed(of_two(tmp_path, data, max_epochs=2, **common))
    again = {"max_epochs": 3, "resume_from": "a", "run_name": "", **common}
    alone = start(lambda: run(tmp_path, data, **again), tmp_path, count=1, join=False)
    assert "processes was 2 and is 1" in alone.lines()[-1]
    passed(of_two(tmp_path, data, max_epochs=3, resume_from="latest", run_name="", **common))
    again = of_two(tmp_path, data, max_epochs=3, resume_from="latest", run_name="", **common)
    assert again.codes == [0, 0] and "is already complete" in again.said and not again.lines()
    rows = [json.loads(line) for line in (tmp_path / "runs/a/metrics.jsonl").read_text().splitlines()]
    whole = metrics_log.read(both[1])
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    # The horizon of the learning rate was another in the first two epochs.
    assert rows[0]["train"]["loss"] == whole[0]["train"]["loss"]


@pytest.mark.parametrize("rank", [0, 1])
def test_a_process_that_fails_ends_all_with_one_line(data, tmp_path, rank):
    """Its own words, by whichever fails; the record says the same, and the lock is free."""

    def fault(_: Any) -> None:
        if torch.distributed.get_rank() == rank:
            raise ConfigError("this one fails")

    ended = of_two(
        tmp_path, data, batch_size=1, max_epochs=1, split_file=str(split_of(data, tmp_path)), fault=fault
    )
    assert ended.codes[rank] == 2 and all(ended.codes)
    assert ended.lines() == [f"cxrtk: error: rank {rank}: this one fails"]
    assert "Traceback" not in ended.said
    about = record.read(tmp_path / "runs" / "a")
    assert about["status"] == "failed"
    assert about["reason"] == ("this one fails" if rank == 0 else "rank 1: this one fails")


def test_a_mistake_of_all_is_told_once(tmp_path):
    """A folder that is not there: the first to find out says so."""
    ended = of_two(tmp_path, tmp_path / "nowhere", max_epochs=1)
    assert all(ended.codes) and len(ended.lines()) == 1
    assert "no such folder; check --dataset_dir" in ended.lines()[0]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("to", ["both", "second"])
def test_a_signal_ends_all_with_one_line(data, tmp_path, to):
    """Ctrl-C reaches all, SIGTERM perhaps only one: the first says how to go on, and records it."""

    def fault(_: Any) -> None:
        if to == "both" or torch.distributed.get_rank() == 1:
            os.kill(os.getpid(), signal.SIGTERM)

    ended = of_two(
        tmp_path, data, batch_size=1, max_epochs=1, split_file=str(split_of(data, tmp_path)), fault=fault
    )
    assert 143 in ended.codes
    assert len(ended.lines()) == 1, ended.said[-3000:]
    if to == "both":
        assert ended.lines()[0].startswith("cxrtk: Stopped by SIGTERM; continue with: ")
        assert record.read(tmp_path / "runs" / "a")["status"] == "stopped"


def test_too_many_processes_for_the_data(data, tmp_path):
    """One line says so, before anything is trained."""
    split = str(split_of(data, tmp_path))
    ended = start(lambda: run(tmp_path, data, "multi_gpu", split_file=split), tmp_path, count=4, join=False)
    assert "images cannot be shared by 4 processes" in ended.lines()[0] and len(ended.lines()) == 1
