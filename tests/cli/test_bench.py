"""`cxrtk bench` as it is typed."""

import json

import pytest
import torch

from cxrtk.bundles import timing as bench
from cxrtk.cli import bench as command
from cxrtk.training.timing import Rate

TINY = ("--image-size", "32", "--batch-size", "2", "--seconds", "0.05")


@pytest.fixture(autouse=True)
def few_phantoms(monkeypatch):
    monkeypatch.setattr(command, "IMAGES", 8)


@pytest.fixture
def two_devices(monkeypatch):
    """A CPU, and a GPU that trains 4 and 2.5 times as fast, and infers 8 and 1 times as fast."""
    speeds = {"cpu": (10.0, 4.0, 20.0, 8.0), "cuda:0": (40.0, 10.0, 160.0, 8.0)}
    asked = []

    def measure(setup, device, data, *, report):
        asked.append((setup, device, len(list((data / "images").iterdir()))))
        report(4 * setup.seconds)
        made = [Rate(each, 0.9 * each, 1.1 * each, 7) for each in speeds[device]]
        rates = {
            "training": {"model only": made[0], "end to end": made[1]},
            "inference": {"model only": made[2], "end to end": made[3]},
        }
        return bench.Measured(device, f"the {device}", "float32", 2 if device == "cpu" else None, rates)

    monkeypatch.setattr(bench, "measure", measure)
    monkeypatch.setattr(bench, "present", lambda: ["cpu", "cuda:0"])
    return asked


def cells(text):
    """device, task, scope -> images a second, as printed."""
    lines = [line.split() for line in text.splitlines() if " model only " in line or " end to end " in line]
    return {(line[0], line[1], " ".join(line[2:-5])): line[-5] for line in lines if len(line) > 7}


def test_one_device(cxrtk_command):
    """For real: its rates, what it computed with, and plainly that there is nothing to compare with."""
    ended = cxrtk_command("bench", "-d", "cpu", *TINY, "-q")
    assert (ended.code, ended.err) == (0, "")
    assert "paper_unet, 32 x 32, 3 channels, batches of 2, 0 workers; torch " + torch.__version__ in ended.out
    assert f"threads: {torch.get_num_threads()}" in ended.out
    assert len(cells(ended.out)) == 4 and all(float(each) > 0 for each in cells(ended.out).values())
    assert "One device (cpu): there is no ratio to report." in ended.out
    assert " over " not in ended.out.replace("a GPU over a CPU", "")


def test_two_devices(cxrtk_command, two_devices):
    """Each is timed; the last lines are the ratios, and the paper's."""
    ended = cxrtk_command("bench", "-q", "--seconds", "1.5")
    assert ended.code == 0
    assert cells(ended.out)["cuda:0", "training", "end to end"] == "10"
    assert ended.out.splitlines()[-3:] == [
        "cuda:0 over cpu, training: 4.00 (model only), 2.50 (end to end)",
        "cuda:0 over cpu, inference: 8.00 (model only), 1.00 (end to end)",
        "The paper reports 3.0 for a GPU over a CPU, without saying for which task.",
    ]
    assert [(device, setup.seconds, files) for setup, device, files in two_devices] == [
        ("cpu", 1.5, 8),
        ("cuda:0", 1.5, 8),
    ]


def test_as_json(cxrtk_command, two_devices):
    """All numbers, the settings and the versions."""
    found = json.loads(cxrtk_command("bench", "-q", "--json", "--fp32", "--workers", "3").out)
    assert found["ratios"]["cuda:0"]["training"] == {"model only": 4.0, "end to end": 2.5}
    assert found["devices"][0]["rates"]["inference"]["end to end"] == {
        "median": 8.0, "low": pytest.approx(7.2), "high": pytest.approx(8.8), "steps": 7,
    }  # fmt: skip
    assert (found["setup"]["amp"], found["setup"]["workers"]) == (False, 3)
    assert found["setup"]["network"] == "paper_unet" and found["versions"]["torch"]
    assert found["paper"] == {"GPU over CPU": 3.0}


def test_the_devices_that_are_named(cxrtk_command, two_devices):
    """Each once, and no other."""
    assert cxrtk_command("bench", "-q", "-d", "cpu,cpu").code == 0
    assert [device for _, device, _ in two_devices] == ["cpu"]


def test_a_bar(cxrtk_command, two_devices):
    """The bar is on stderr unless the command is quiet, and reaches its end."""
    assert "8/8" in cxrtk_command("bench", "--seconds", "1").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-d", "cuda:9"), "CUDA devices"),
        (("-d", "warp"), "no such device"),
        (("--network", "paper_unit"), "Did you mean 'paper_unet'?"),
        (("--image-size", "33"), "does not take images of 33 x 33"),
        (("--seconds", "0"), "--seconds 0"),
        (("--batch-size", "-1"), "--batch-size -1"),
    ],
)
def test_what_cannot_be_done_is_one_line(cxrtk_command, changed, arguments, said):
    """The exit code is 2."""
    ended = cxrtk_command(*changed(["bench", *TINY, "-q"], arguments))
    assert ended.code == 2 and said in ended.err and len(ended.err.splitlines()) == 1


def test_nothing_is_left_behind(cxrtk_command, tmp_path, monkeypatch):
    """No phantoms, no run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert cxrtk_command("bench", "-d", "cpu", *TINY, "-q").code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_timed_in_each_backend(cxrtk_command, lung_model, monkeypatch):
    """If only torch is installed, its rows are given as a table and as JSON."""
    monkeypatch.setattr("cxrtk.models.backends.choice.installed", lambda: ["torch"])
    monkeypatch.setattr("cxrtk.models.backends.timing.installed", lambda: ["torch"])
    monkeypatch.setattr("cxrtk.models.backends.choice.cpu_has_bf16", lambda: False)
    words = ("bench", "--model", str(lung_model), "--seconds", "0.01", "--batch-size", "2", "-q")
    table = cxrtk_command(*words).out
    assert "m, 64 x 64, batches of 2" in table and "torch" in table
    (row,) = json.loads(cxrtk_command(*words, "--json").out)["backends"]
    assert (row["backend"], row["precision"]) == ("torch", "fp32")
    assert row["difference"] < 1e-5
    assert row["milliseconds"] > 0
