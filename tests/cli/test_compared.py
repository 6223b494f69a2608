"""`cxrtk runs --compare`: tables, JSON, and what cannot be compared."""

import json

import pytest

from tests.evaluation.run_folders import write_run

DICE = {f"images/{number}.png": number / 20 for number in range(10, 20)}
LOWER = {name: value - 0.125 for name, value in DICE.items()}
PATIENTS = {name: number for number, name in enumerate(DICE)}


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two runs below `runs`, and two in a folder of folds."""
    monkeypatch.chdir(tmp_path)
    for number, (name, dice) in enumerate({"a": DICE, "b": LOWER, "f/fold0": DICE, "f/fold1": LOWER}.items()):
        config = {"learning_rate": 0.5 ** (1 + number), "seed": 0}
        write_run(tmp_path / "runs" / name, dice, config=config, patients=PATIENTS, number=number)
    return tmp_path / "runs"


def test_the_table_has_settings_means_and_differences(cxrtk_command, runs):
    """Settings that differ, and a line for each metric and run, with the difference to the first."""
    ended = cxrtk_command("runs", "--compare", runs / "a", runs / "b")
    assert ended.code == 0, ended.err
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["learning_rate", "0.5", "0.25"] in lines and not any("seed" in line for line in lines)
    (other,) = (line for line in lines if line[:3] == ["test", "dice", "b"])
    assert other[3] == "0.6000" and other[8:9] == ["-0.1250"]


def test_names_below_runs_will_do(cxrtk_command, runs):
    """The same table as for the paths."""
    by_path = cxrtk_command("runs", "--compare", runs / "a", runs / "b").out
    assert cxrtk_command("runs", "--compare", "a", "b").out == by_path


def test_a_folder_of_runs_stands_for_all_of_them(cxrtk_command, runs):
    """Both folds, in the order of their numbers."""
    ended = cxrtk_command("runs", "--compare", runs / "f", "--json")
    assert [run["run"] for run in json.loads(ended.out)["runs"]] == ["fold0", "fold1"]


def test_the_json_has_the_same_numbers(cxrtk_command, runs):
    """Settings by run, means, intervals and differences without rounding."""
    found = json.loads(cxrtk_command("runs", "--compare", "a", "b", "--json").out)
    assert found["settings"] == {"learning_rate": {"a": 0.5, "b": 0.25}}
    row = found["metrics"][1]
    assert (row["metric"], row["run"]) == ("dice", "b")
    assert row["difference"] == {"mean": -0.125, "interval": [-0.125, -0.125], "images": 10}
    assert found["notes"] == []


def test_other_test_images_are_said(cxrtk_command, runs):
    """One line names the runs and how many images are in both."""
    write_run(runs / "c", {"images/10.png": 0.5, "images/x.png": 0.5}, patients={})
    ended = cxrtk_command("runs", "--compare", "a", "c")
    assert (
        "No differences between a and c: the test images differ: a has 10, c has 2, and 1 are in both."
        in ended.out
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--compare",), "Give two or more runs to compare"),
        (("--compare", "a"), "Give two or more runs to compare"),
        (("--compare", "a", "nothing"), "nothing: is neither a run nor a folder of runs"),
        (("runs/a", "runs/b"), "add --compare"),
    ],
)
def test_what_cannot_be_compared_is_one_line(cxrtk_command, runs, words, said):
    """Exit code 2."""
    ended = cxrtk_command("runs", *words)
    assert ended.code == 2 and said in ended.err and ended.err.count("\n") == 1


def test_runs_of_folds_are_listed_below_their_folder(cxrtk_command, runs):
    """After the runs of the folder itself."""
    listed = json.loads(cxrtk_command("runs", "--json").out)
    assert [row["run"] for row in listed] == ["a", "b", "f/fold0", "f/fold1"]


def test_it_compares_without_torch(fresh_python, runs):
    """The table is there at once."""
    code = f"""
import sys
from cxrtk.cli import main
try:
    main(["runs", "--compare", {str(runs / "a")!r}, {str(runs / "b")!r}])
except SystemExit as ended:
    heavy = {{"torch", "monai", "ignite"}} & sys.modules.keys()
    sys.exit(str(heavy) if heavy else ended.code)
"""
    ended = fresh_python("-c", code)
    assert (ended.code, ended.err) == (0, "")
