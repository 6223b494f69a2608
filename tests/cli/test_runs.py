"""`cxrtk runs`: what was trained, as a table and as JSON, without importing torch."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cxrtk.training import record

HOLD = "import pathlib, sys; from cxrtk.process import lock; lock.acquire(pathlib.Path(sys.argv[1])); "
NO_TORCH = """
import sys
from cxrtk.cli import main
try:
    main(["runs", {!r}])
except SystemExit as ended:
    heavy = {{"torch", "monai", "ignite", "tensorboard"}} & sys.modules.keys()
    sys.exit(str(heavy) if heavy else ended.code)
"""


def run(output_dir: Path, number: int, name: str, **changes: object) -> Path:
    folder = output_dir / name
    folder.mkdir(parents=True)
    record.begin(folder, number=number, config_name="unet_cxr", max_epochs=40, command=["cxrtk"])
    record.update(folder, changes)
    return folder


def add_test(folder: Path, **metrics: float) -> None:
    report = {"metrics": metrics, "images": 3, "truth": "human masks, heart excluded"}
    (folder / "test_metrics.json").write_text(json.dumps(report))


@contextmanager
def training(folder: Path) -> Iterator[None]:
    """Another process that holds the lock of a run."""
    code = HOLD + "print(1, flush=True); sys.stdin.readline()"
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        yield
        other.kill()


@pytest.fixture
def runs(tmp_path) -> Path:
    """Four runs that ended in four ways, their names in another order than their numbers."""
    best = {"key_metric": "dice", "best_metric": 0.9612345, "best_epoch": 31, "epoch": 40}
    weak = {"settings": {"labels": "generated masks (weak labels)"}}
    add_test(run(tmp_path / "runs", 1, "z", status="complete", **best), dice=0.95, iou=0.9)
    run(tmp_path / "runs", 2, "m", status="stopped", reason="SIGTERM", **{**best, "epoch": 3}, **weak)
    run(tmp_path / "runs", 3, "b", status="failed", reason="the loss is nan")
    run(tmp_path / "runs", 10, "a")
    return tmp_path / "runs"


def rows(ended) -> dict[str, dict]:
    return {row["run"]: row for row in json.loads(ended.out)}


def test_the_json_says_how_each_run_ended(cxrtk_command, runs):
    """Runs are listed by their start, with best metric, test, truth and reason."""
    found = rows(cxrtk_command("runs", runs, "--json"))
    assert list(found) == ["z", "m", "b", "a"]
    assert [row["status"] for row in found.values()] == ["complete", "stopped", "failed", "interrupted"]
    assert [row["number"] for row in found.values()] == [1, 2, 3, 10]
    started = found["z"].pop("started")
    assert found["z"] == {
        "number": 1, "run": "z", "status": "complete", "reason": None, "epochs": "40/40", "metric": "dice",
        "best": 0.9612345, "epoch": 31, "test": 0.95, "truth": "human masks, heart excluded",
    }  # fmt: skip
    assert started == record.read(runs / "z")["started"]
    assert (found["m"]["reason"], found["m"]["epochs"]) == ("SIGTERM", "3/40")
    assert (found["m"]["truth"], found["m"]["test"]) == ("generated masks (weak labels)", None)
    assert (found["a"]["best"], found["a"]["epochs"]) == (None, "0/40")


def test_the_table_has_a_line_a_run(cxrtk_command, runs):
    """Four digits of each number, and nothing where there is none."""
    ended = cxrtk_command("runs", runs)
    assert ended.code == 0
    (line,) = (line for line in ended.out.splitlines() if "complete" in line)
    for word in ("z", "40/40", "dice", "0.9612", "31", "0.9500", "human masks"):
        assert word in line
    assert "None" not in ended.out and "interrupted" in ended.out


def test_a_run_whose_process_lives_is_running(cxrtk_command, runs):
    """By its lock, which a killed process has lost; a stopped run is stopped whoever holds it."""
    with training(runs / "a"):
        assert rows(cxrtk_command("runs", runs, "--json"))["a"]["status"] == "running"
    assert rows(cxrtk_command("runs", runs, "--json"))["a"]["status"] == "interrupted"


def test_the_default_folder_is_that_of_the_bundles(cxrtk_command, runs, monkeypatch):
    """`cxrtk runs`, where the training was started."""
    monkeypatch.chdir(runs.parent)
    assert cxrtk_command("runs", "--json").out == cxrtk_command("runs", runs, "--json").out


def test_a_folder_without_runs(cxrtk_command, tmp_path):
    """It has none, which is no error."""
    ended = cxrtk_command("runs", tmp_path, "--json")
    assert (ended.code, json.loads(ended.out)) == (0, [])
    assert cxrtk_command("runs", tmp_path).code == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: None, "/runs: no such folder; give the folder of the runs."),
        (lambda folder: (run(folder, 1, "x") / "test_metrics.json").write_text("{"),
         "/runs/x/test_metrics.json: cannot be read: "),
    ],
    ids=["no folder", "damaged test"],
)  # fmt: skip
def test_what_cannot_be_listed_is_one_line(cxrtk_command, tmp_path, spoil, said):
    """The line names the file, and the exit code is 2."""
    spoil(tmp_path / "runs")
    ended = cxrtk_command("runs", tmp_path / "runs")
    assert ended.code == 2 and ended.out == ""
    assert ended.err.count("\n") == 1 and f"{tmp_path}{said}" in ended.err


def test_a_damaged_record_is_passed_over(cxrtk_command, runs, caplog):
    """A warning names it; the other runs are listed as before."""
    before = cxrtk_command("runs", runs, "--json").out
    (runs / "x").mkdir()
    (runs / "x" / "run.json").write_text("{")
    ended = cxrtk_command("runs", runs, "--json")
    assert (ended.code, ended.out) == (0, before)
    assert f"{runs}/x/run.json: cannot be read: " in caplog.text


def test_it_lists_without_torch(fresh_python, runs):
    """Neither torch nor MONAI nor Ignite is imported, so the list appears at once."""
    ended = fresh_python("-c", NO_TORCH.format(str(runs)))
    assert ended.code == 0 and ended.err == "" and "interrupted" in ended.out
