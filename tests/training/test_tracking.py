"""Tracking by MLflow and Weights & Biases: what they keep, and the line where a package is missing."""

import json
import sqlite3
import subprocess
import sys

import pytest
from ignite.engine import Engine

from cxrtk import ConfigError, phantom
from cxrtk.training import MlflowTracking, WandbTracking, tracking
from cxrtk.training.tracking import require_package

NETWORK = {"spatial_dims": 2, "in_channels": 3, "out_channels": 1, "channels": [4, 8], "strides": [2]}
SMALL = {
    "network_def": json.dumps({"_target_": "monai.networks.nets.UNet", **NETWORK}),
    "max_epochs": 2,
    "image_size": 64,
    "batch_size": 4,
    "overlays": 0,
    "run_name": "small",
}


def test_a_missing_package_is_one_line_with_the_extra():
    """The line states how to install it."""
    line = (
        "Tracking needs the package mlflow_absent, which is not installed: pip install 'cxrtk.mlflow_absent.'"
    )
    with pytest.raises(ConfigError, match=line):
        require_package("mlflow_absent")


@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
def test_the_package_is_asked_for_when_the_training_starts(kind, tmp_path, monkeypatch):
    """Building the handler, as a check of a config does, imports nothing and writes nothing."""
    monkeypatch.setattr(tracking, "find_spec", lambda _: None)
    common = {
        "run_dir": str(tmp_path / "a"),
        "project": "p",
        "validator": Engine(print),
        "tester": Engine(print),
    }
    made = MlflowTracking(**common) if kind == "mlflow" else WandbTracking(**common)
    trainer = Engine(lambda *_: None)
    monkeypatch.setattr(trainer.logger, "disabled", True)
    made.attach(trainer)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match=f"needs the package {kind}"):
        trainer.run([1])


def test_plain_settings_are_tracked_but_for_those_that_change(tmp_path):
    """No command, no mapping, and no number of epochs, which a resumed run may raise."""
    settings = {"command": "cxrtk", "max_epochs": 3, "seed": 0, "images": {"train": 1}, "network": "UNet"}
    made = WandbTracking(str(tmp_path), "p", None, None, settings)
    assert made.settings == {"seed": 0, "network": "UNet"}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("tracking=neptune", "--set tracking=neptune: choose one of mlflow, wandb"),
        ("tracking=mlflow", "needs the package mlflow, which is not installed: pip install 'cxrtk[mlflow]'"),
    ],
)
def test_the_command_says_so_before_anything_is_read(cxrtk_command, tmp_path, monkeypatch, setting, said):
    """One line, exit code 2, no folder."""
    monkeypatch.setattr(tracking, "find_spec", lambda _: None)
    monkeypatch.chdir(tmp_path)
    ended = cxrtk_command("train", "unet_cxr", "--set", setting)
    assert (ended.code, ended.err.count("\n")) == (2, 1) and said in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def tracked(require_module, tmp_path_factory):
    """The folder of all runs of a training that both track."""
    for name in ("mlflow", "wandb"):
        pytest.importorskip(name, reason=f"needs {name}: pip install cxrtk[{name}]", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("tracked")
    data = phantom.write_nih(folder / "data", count=8, size=64)
    words = [
        word for id, value in {"dataset_dir": data, **SMALL}.items() for word in ("--set", f"{id}={value}")
    ]
    ended = subprocess.run(
        [sys.executable, "-m", "cxrtk", "train", "unet_cxr", "mlflow", "wandb", *words],
        cwd=folder, capture_output=True, text=True, timeout=1000,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    return folder / "runs"


def rows(path, query):
    with sqlite3.connect(path) as database:
        return database.execute(query).fetchall()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_mlflow_keeps_the_metrics_of_each_epoch(tracked):
    """The numbers of ``metrics.jsonl`` and of the test, in one finished run of the run's name."""
    lines = [json.loads(line) for line in (tracked / "small" / "metrics.jsonl").read_text().splitlines()]
    database = tracked / "mlruns.db"
    assert rows(database, "select name, status from runs") == [("small", "FINISHED")]
    kept = {(key, step): value for key, value, step in rows(database, "select key, value, step from metrics")}
    for line in lines:
        for part in ("train", "validation"):
            for name, value in line[part].items():
                assert kept[f"{part}/{name}", line["epoch"]] == pytest.approx(value)
    report = json.loads((tracked / "small" / "test_metrics.json").read_text())
    assert [kept["test/dice", 1]] == pytest.approx([report["metrics"]["dice"]])
    assert ("seed", "0") in rows(database, "select key, value from params")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_wandb_keeps_them_in_the_folder_of_the_run(tracked):
    """Offline: one file that `wandb sync` uploads, with metrics of all three parts."""
    (file,) = (tracked / "small" / "wandb").glob("offline-run-*/*.wandb")
    kept = file.read_bytes()
    report = json.loads((tracked / "small" / "test_metrics.json").read_text())
    lines = [json.loads(line) for line in (tracked / "small" / "metrics.jsonl").read_text().splitlines()]
    parts = {"train": lines[-1]["train"], "validation": lines[0]["validation"], "test": report["metrics"]}
    for part, metrics in parts.items():
        assert f"{part}/dice".encode() in kept
        assert json.dumps(metrics["dice"]).encode() in kept  # numbers are kept as the text of JSON
