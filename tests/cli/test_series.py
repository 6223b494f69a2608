"""`cxrtk train` of several runs: order, going on, and tables. Only the slow test trains."""

import json
import shutil

import pytest
import typer

from cxrtk import phantom
from cxrtk.bundles import shipped
from cxrtk.cli import series
from cxrtk.errors import ConfigError, NonFiniteError
from cxrtk.training import record
from cxrtk.training.resuming import Series
from cxrtk.training.series import merged, plan_folds
from tests.evaluation.run_folders import write_run

BASE = [shipped()["unet_cxr"]]
DICE = {"images/a.png": 0.5, "images/b.png": 0.75}
NETWORK = {"spatial_dims": 2, "in_channels": 3, "out_channels": 1, "channels": [4, 8], "strides": [2]}
SMALL = [
    f"network_def={json.dumps({'_target_': 'monai.networks.nets.UNet', **NETWORK})}",
    "max_epochs=1",
    "image_size=64",
    "batch_size=4",
]


@pytest.fixture(autouse=True)
def as_before(monkeypatch, tmp_path, process_as_it_was):
    """An empty folder; the process does not stay one that trains several runs."""
    monkeypatch.setattr(Series, "runs", False)
    monkeypatch.chdir(tmp_path)


class Trainer:
    """Writes a complete run for each call, or fails as it is told."""

    def __init__(self, **failures):
        self.failures = failures
        self.trained = []

    def __call__(self, settings):
        from pathlib import Path

        name = settings["run_name"]
        self.trained.append((name, settings.get("resume_from")))
        folder = Path(settings["output_dir"], name)
        shutil.rmtree(folder, ignore_errors=True)
        write_run(
            folder, DICE, config=merged(BASE, settings), patients={"images/a.png": 1, "images/b.png": 2}
        )
        if name in self.failures:
            record.update(folder, {"status": "failed"})
            raise self.failures[name]


def test_the_runs_are_trained_in_order_below_one_folder(tmp_path):
    """Each new, with its own name; afterwards a signal's line names the same command."""
    trainer = Trainer()
    assert series.train_all(BASE, plan_folds({"max_epochs": 1}, 3), tmp_path / "f", trainer) == 0
    assert trainer.trained == [("fold0", None), ("fold1", None), ("fold2", None)]
    assert Series.runs


def test_the_same_command_goes_on_where_it_was(tmp_path):
    """Complete runs are passed over, one that was stopped is resumed, and the rest begins."""
    folder, plan = tmp_path / "f", plan_folds({"max_epochs": 1}, 3)
    with pytest.raises(typer.Exit):
        series.train_all(BASE, plan, folder, Trainer(fold1=ConfigError("the disk")))
    trainer = Trainer()
    assert series.train_all(BASE, plan, folder, trainer) == 0
    assert trainer.trained == [("fold1", str(folder / "fold1")), ("fold2", None)]


def test_a_run_that_is_not_finite_does_not_keep_the_others(tmp_path, capsys):
    """Exit code 4 at the end, and one line of the run."""
    trainer = Trainer(fold0=NonFiniteError("the loss is nan"))
    assert series.train_all(BASE, plan_folds({"max_epochs": 1}, 2), tmp_path / "f", trainer) == 4
    assert [name for name, _ in trainer.trained] == ["fold0", "fold1"]
    assert "the loss is nan" in capsys.readouterr().err


def test_other_settings_end_it_before_anything_is_trained(tmp_path):
    """A line names the setting."""
    series.train_all(BASE, plan_folds({"max_epochs": 1}, 2), tmp_path / "f", Trainer())
    trainer = Trainer()
    with pytest.raises(ConfigError, match="seed was 0 and is 5"):
        series.train_all(BASE, plan_folds({"max_epochs": 1, "seed": 5}, 2), tmp_path / "f", trainer)
    assert trainer.trained == []


def test_the_table_has_each_fold_mean_and_spread(tmp_path, capsys):
    """The table is followed by the command that evaluates all images."""
    plan = plan_folds({"max_epochs": 1}, 2)
    series.train_all(BASE, plan, tmp_path / "f", Trainer())
    series.show_folds(tmp_path / "f", plan)
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line}
    assert rows["fold1"] == ["0.6250", "2"] and rows["mean"] == ["0.6250", "4"] and rows["SD"] == ["0.0000"]
    assert f"cxrtk evaluate --folds {tmp_path}/f --dataset-dir DIR" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("unet_cxr", "--folds", "5", "--set", "fold=1"), "--set fold: leave it out"),
        (("unet_cxr", "--folds", "5", "--set", "seed=1,2"), "Give one value of each setting with --folds"),
        (("unet_cxr", "--folds", "5", "--resume-from", "latest"), "Leave out --resume-from"),
        (("unet_cxr", "--set", "seed=1,"), "--set seed=1,: a value is missing next to a comma"),
        (("unet_cxr", "--set", "seed=1,1"), "--set seed=1,1: a value is given twice"),
        (("unet_cxr", "--set", "seed=1,2", "--set", "max_epoch=1"), "max_epoch: the config has no such id"),
        (("--folds", "5"), "Name a bundle to train"),
        (("inference", "--folds", "5"), "folds"),
    ],
)
def test_what_does_not_fit_is_a_line_before_anything_runs(cxrtk_command, tmp_path, words, said):
    """Exit code 2, and no folder."""
    ended = cxrtk_command("train", *words)
    assert ended.code == 2 and said in ended.err and "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_torchrun_trains_one_run(cxrtk_command, monkeypatch):
    """Several processes and several runs are refused."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    ended = cxrtk_command("train", "unet_cxr", "--folds", "5")
    assert ended.code == 2 and "torchrun trains one run" in ended.err


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_folds_are_trained_evaluated_and_passed_over(fresh_python, tmp_path):
    """Two folds of phantoms: a table, then nothing to do, then one evaluation of all images."""
    data = phantom.write_nih(tmp_path / "data", count=8, size=64)
    settings = [word for each in (f"dataset_dir={data}", *SMALL) for word in ("--set", each)]
    command = ["-m", "cxrtk", "train", "unet_cxr", "--folds", "2", *settings]
    ended = fresh_python(*command)
    assert ended.code == 0, ended.err
    folder = tmp_path / "runs" / "unet_cxr-2-folds"
    tested = [set(json.loads((folder / f"fold{k}" / "splits.json").read_text())["test"]) for k in (0, 1)]
    images = {f"images/{path.name}" for path in (data / "images").iterdir()}
    assert tested[0] | tested[1] == images and not tested[0] & tested[1]
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.pt")}
    again = fresh_python(*command)
    assert again.code == 0 and {path: path.stat().st_mtime_ns for path in folder.rglob("*.pt")} == before
    assert again.out.splitlines()[-6:] == ended.out.splitlines()[-6:]
    words = ["--folds", folder, "--dataset-dir", data, "--reader", "nih_png", "-o", tmp_path / "out", "-q"]
    measured = fresh_python("-m", "cxrtk", "evaluate", *words, "--metrics", "dice")
    assert measured.code == 0, measured.err
    assert len(json.loads((tmp_path / "out" / "evaluation.json").read_text())["cases"]) == len(images)
