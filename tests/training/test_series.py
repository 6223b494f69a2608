"""Plans of several runs: settings, names, folder, and whether a run is done."""

import json

import pytest

from cxrtk import ConfigError
from cxrtk.bundles import shipped
from cxrtk.training import record
from cxrtk.training.series import folder_of, is_complete, merged, plan_folds, plan_sweep

BASE = [shipped()["unet_cxr"]]


def test_each_fold_is_a_run():
    """Each run has its own fold number and the same other settings."""
    plan = plan_folds({"seed": 3}, 2)
    assert [(each.name, each.settings) for each in plan] == [
        ("fold0", {"seed": 3, "folds": 2, "fold": 0}),
        ("fold1", {"seed": 3, "folds": 2, "fold": 1}),
    ]


@pytest.mark.parametrize("id", ["fold", "folds"])
def test_a_fold_among_the_settings_is_refused(id):
    """Which of the two should hold is not guessed."""
    with pytest.raises(ConfigError, match=f"--set {id}: leave it out"):
        plan_folds({id: 1}, 5)


def test_a_sweep_has_each_combination_once():
    """Six runs of two and three values; settings with one value are in all."""
    plan = plan_sweep({"a": [1, 2], "b": [0.5, "x", None], "seed": [7]})
    assert [tuple(each.settings.values()) for each in plan] == [
        (a, b, 7) for a in (1, 2) for b in (0.5, "x", None)
    ]
    assert plan[0].name == "a=1_b=0.5" and len({each.name for each in plan}) == 6


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["a/b", "a b"], ["x=a-b", "x=a-b-2"]),
        ([[1, 2], [3]], ["x=-1-2", "x=-3"]),
        (["..", "+"], ["x=", "x=-2"]),
        (["y" * 300, "z"], ["x=" + "y" * 118, "x=z"]),
    ],
)
def test_names_are_those_of_folders(values, names):
    """No separator, space, comma or plus; different where the settings are, and short."""
    assert [each.name for each in plan_sweep({"x": values})] == names


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "runs/unet_cxr-5-folds"),
        ({"run_name": "mine"}, "runs/mine"),
        ({"output_dir": "/x/y", "config_name": "c"}, "/x/y/c-5-folds"),
    ],
)
def test_the_folder_is_the_same_for_the_same_command(settings, expected):
    """No time is in its name."""
    assert folder_of(merged(BASE, settings), "5-folds").as_posix() == expected


def test_a_computed_folder_is_refused():
    """It might be another one the next time."""
    with pytest.raises(ConfigError, match="output_dir: must be a plain text"):
        folder_of(merged(BASE, {"output_dir": "$str(1)"}), "sweep")


@pytest.fixture
def run(tmp_path):
    """A complete run of four epochs."""
    folder = tmp_path / "fold0"
    folder.mkdir()
    record.begin(folder, number=1, config_name="unet_cxr", max_epochs=4, command=[])
    record.update(folder, {"status": "complete"})
    (folder / "config.json").write_text(json.dumps(merged(BASE, {"max_epochs": 4, "run_name": "fold0"})))
    return folder


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"max_epochs": 8}, False),
        ({"dataset_dir": "elsewhere", "num_workers": 2, "output_dir": "o", "cache_gb": 1}, True),
    ],
)
def test_a_run_is_complete_with_all_its_epochs(run, changes, expected):
    """The place of the data and the speed of the machine do not matter; more epochs do."""
    assert is_complete(run, merged(BASE, {"max_epochs": 4, **changes})) is expected


@pytest.mark.parametrize("status", ["running", "stopped", "failed"])
def test_a_run_that_was_stopped_is_not_complete(run, status):
    """A run that never began is not complete either."""
    record.update(run, {"status": status})
    assert not is_complete(run, merged(BASE, {"max_epochs": 4}))
    assert not is_complete(run.with_name("fold1"), merged(BASE, {"max_epochs": 4}))


def test_other_settings_are_refused_by_name(run):
    """This includes complete runs, which would otherwise be skipped."""
    with pytest.raises(
        ConfigError, match=r"fold0: was started with different settings: learning_rate was 0.0005 and is 0.1"
    ):
        is_complete(run, merged(BASE, {"max_epochs": 4, "learning_rate": 0.1}))
