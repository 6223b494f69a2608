"""A corpus of mistakes in the shipped training config: each is found, with its place and a cure."""

import json
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from cxrtk.bundles import shipped
from cxrtk.bundles.lint import lint

BASE = shipped()["unet_cxr"]
GONE = Enum("Gone", "GONE").GONE  # named alike by every worker of pytest-xdist
ADAM = "torch.optim.Adam"

# (ids to set in the file, id of the issue, what its line says)
IN_THE_FILE: list[tuple[dict[str, Any], str, str]] = [
    # references
    ({"optimizer#lr": "@no_such_key"}, "optimizer#lr", "@no_such_key refers to an undefined id"),
    ({"optimizer#lr": "@learning_rat"}, "optimizer#lr", "did you mean 'learning_rate'?"),
    ({"network": "$@network_deff.to(@device)"}, "network", "did you mean 'network_def'?"),
    (
        {"train#trainer#train_data_loader": "@train#dataloadr"},
        "train#trainer#train_data_loader",
        "dataloader'?",
    ),
    ({"settings#seed": "@train#handlers#7"}, "settings#seed", "refers to an undefined id"),
    (
        {"train#postprocessing": "%validate#postprocesing"},
        "train#postprocessing",
        "did you mean 'validate#post",
    ),
    ({"train#postprocessing": "%other.json#a"}, "train#postprocessing", "names a file that is not there"),
    ({"train#key_metric": "%test#key_metric"}, "train#key_metric", "leads to a macro"),
    ({"in_channels": "@image_size", "image_size": "@in_channels"}, "in_channels", "circular references"),
    ({"amp": "$not @amp"}, "amp", "circular references: amp -> amp"),
    ({"batch_size": "@image_size * 2"}, "batch_size", "put a $ in front"),
    ({"seed": "$torch.eye(2) @ torch.eye(2)"}, "seed", "@ alone refers to the whole config"),
    ({"seed": "@####a"}, "seed", "goes above the top level of the config"),
    # keys
    ({"epohcs": 1}, "epohcs", "nothing refers to it"),
    ({"max_epohcs": 40}, "max_epohcs", "did you mean 'max_epochs'?"),
    ({"initialise": ["$print(1)"]}, "initialise", "did you mean 'initialize'?"),
    ({"run": GONE}, "run", "nothing to run"),
    # targets
    ({"train#inferer#_target_": "SimpleInfererr"}, "train#inferer", "did you mean 'SimpleInferer'?"),
    ({"network_def": {"_target_": "UNett"}}, "network_def", "did you mean 'UNet'?"),
    ({"optimizer#_target_": "torch.optim.Adm"}, "optimizer", "did you mean 'Adam'?"),
    ({"optimizer#_target_": "tourch.optim.Adam"}, "optimizer", "did you mean 'torch'?"),
    ({"network_def": {"_target_": "monai.networks.nets.UNett"}}, "network_def", "did you mean 'UNet'?"),
    ({"datalists#_target_": "cxrtk.data.DataList"}, "datalists", "did you mean 'DataLists'?"),
    ({"network_def#_target_": "cxrtk.network.create"}, "network_def", "did you mean 'networks'?"),
    # plugins
    ({"network_def#name": "papr_unet"}, "network_def#name", "did you mean 'paper_unet'?"),
    ({"reader#name": "nih"}, "reader#name", "nih_png, nnunet"),
    ({"network_def#name": GONE}, "network_def", "needs a name"),
    ({"network_def#in_chanels": 3}, "network_def#in_chanels", "did you mean 'in_channels'?"),
    ({"reader#root": GONE}, "reader", "'nih_png' needs root"),
    # arguments
    ({"optimizer#learning_rate": 1}, "optimizer#learning_rate", f"{ADAM} takes no argument 'learning_rate'"),
    (
        {"network_def": {"_target_": "UNet", "spatial_dims": 2}},
        "network_def",
        "needs in_channels, out_channels",
    ),
    ({"optimizer#params": GONE}, "optimizer", "needs params"),
    ({"train#trainer#max_epoch": 3}, "train#trainer#max_epoch", "did you mean 'max_epochs'?"),
    ({"train#dataset#_disable_": True}, "train#dataset#_disable_", "did you mean '_disabled_'?"),
    ({"train#dataset#_mode_": "callabel"}, "train#dataset#_mode_", "did you mean 'callable'?"),
    # values
    ({"max_epochs": "three"}, "train#trainer#max_epochs", "takes a number for 'max_epochs'"),
    (
        {
            "network_def": {
                "_target_": "UNet",
                "spatial_dims": 2,
                "in_channels": 1,
                "out_channels": 1,
                "channels": "4,8",
                "strides": [2],
            }
        },
        "network_def#channels",
        "write a list: [4,8]",
    ),
    ({"in_channels": "3"}, "network_def#in_channels", "leave out the quotes"),
    # expressions
    ({"amp": "$1+"}, "amp", "is not a Python expression"),
    ({"amp": "$True; False"}, "amp", "is not a Python expression"),
    ({"seed": "$math.floor(2.5)"}, "seed", 'add "$import math"'),
    ({"seed": "$pathlb.Path"}, "seed", "did you mean 'pathlib'?"),
    (
        {"initialize": ["$monai.utils.set_determinsm(@seed)"]},
        "initialize#0",
        "did you mean 'set_determinism'?",
    ),
    ({"imports": ["$import cxrtk.trainin"]}, "imports#0", "there is no module cxrtk.trainin"),
    ({"important": 1, "seed": "$@important + 1"}, "seed", "tries to read as an import statement"),
    # ids that MONAI looks for
    (
        {"validate": GONE, "validation": {"evaluator": 1}},
        "validation#evaluator",
        "MONAI looks for validate#eval",
    ),
    ({"train#dataset": GONE, "train#train_dataset": 1}, "train#train_dataset", "call it train#dataset"),
    ({"train#trainer": GONE, "trainer": 1}, "trainer", "MONAI looks for train#trainer"),
]

# (overrides, id of the issue, what its line says)
ON_THE_COMMAND_LINE: list[tuple[dict[str, Any], str, str]] = [
    ({"epohcs": 1}, "epohcs", "the config has no such id"),
    ({"max_epohcs": 1}, "max_epohcs", "did you mean 'max_epochs'?"),
    ({"optimzer#lr": 1}, "optimzer#lr", "did you mean 'optimizer#lr'?"),
    ({"optimizer#weight_decey": 1}, "optimizer#weight_decey", "did you mean 'weight_decay'?"),
    ({"train#dataloadr": 1}, "train#dataloadr", "did you mean 'dataloader'?"),
    ({"train#handlers#9": 1}, "train#handlers#9", "there is no such id to set"),
    ({"max_epochs": "three"}, "max_epochs", "write a number"),
    ({"dataset_dir": "/no/such/folder"}, "dataset_dir", "/no/such/folder does not exist"),
    ({"split_file": "no_such_split.json"}, "split_file", "it is resolved from"),
    ({"checkpoint": "no_such.pt"}, "checkpoint", "does not exist"),
    ({"network_def#name": "unet"}, "network_def#name", "there is no networks plugin 'unet'"),
    ({"learning_rate": "@lr"}, "learning_rate", "@lr refers to an undefined id"),
    ({"tracking": "settings.json"}, "tracking", "not an id"),
]

# (text of a file, its suffix, line, what the issue says)
AS_A_FILE = [
    ('{\n  "a": 1,\n  "b": ]\n}', ".json", 3, "is not JSON"),
    ('{"a": 1,}', ".json", 1, "is not JSON"),
    ('\ufeff{"a": 1}', ".json", 1, "is not JSON"),
    ('{\n "run": ["$print(1)"],\n "_a": 1,\n "_a": 2}', ".json", 4, "the key appears twice, first in line 3"),
    ("run: [$print(1)]\n_a: {b: 1,\n  b: 2}\n", ".yaml", 3, "the key appears twice, first in line 2"),
    ("a: [1\nb: 2\n", ".yaml", 2, "is not YAML"),
    ("a: *none\n", ".yml", 1, "is not YAML"),
    ("run: [$print(1)]\n_a: &a [*a]\n", ".yaml", 2, "an alias contains itself"),
    ("", ".json", None, "is empty"),
    ("# nothing\n", ".yaml", 1, "is empty"),
    ("[1, 2]", ".json", 1, "has a list at its top level"),
    ("[" * 100_000, ".json", None, "nested too deeply"),
    ("a: " + "[" * 100_000, ".yaml", None, "nested too deeply"),
    ('{"a": ' + "1" * 5000 + "}", ".json", None, "is not JSON"),
    ("run: [$print(1)]\n_a: {null: x,\n None: y}\n", ".yaml", 3, "two keys read the same"),
    ('{"a": 1}', ".txt", None, "is not a config by its name"),
    (None, ".json", None, "no such file"),
]


def change(config: dict[str, Any], ids: dict[str, Any]) -> None:
    """Set or delete ids in place."""
    for id, value in ids.items():
        *above, key = id.split("#")
        level: Any = config
        for each in above:
            level = level[each]
        if value is GONE:
            del level[key]
        else:
            level[key] = value


def written(tmp_path: Path, ids: dict[str, Any]) -> Path:
    config = json.loads(BASE.read_text())
    change(config, ids)
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(config, indent=4))
    return path


@pytest.mark.parametrize(
    ("ids", "place", "phrase"), IN_THE_FILE, ids=[str(row[0])[:50] for row in IN_THE_FILE]
)
def test_in_the_file(ids, place, phrase, tmp_path):
    """A mistake in the file is found at its id and line, and the message says what and how to mend it."""
    path = written(tmp_path, ids)
    issues = [each for each in lint([path]) if each.id == place and phrase in str(each)]
    assert issues, [str(each) for each in lint([path])]
    line = path.read_text().splitlines()[issues[0].line - 1]
    last = place.rpartition("#")[2]
    assert last.isdecimal() or f'"{last}":' in line or '"_target_":' in line or place == "run"


@pytest.mark.parametrize(("overrides", "place", "phrase"), ON_THE_COMMAND_LINE)
def test_on_the_command_line(overrides, place, phrase):
    """A mistake in an override is found, and told as one of the command line."""
    issues = [each for each in lint([BASE], overrides) if each.id == place]
    assert any(phrase in str(each) and str(each).startswith(f"--set: {place}: ") for each in issues), issues


@pytest.mark.parametrize(("text", "suffix", "line", "phrase"), AS_A_FILE)
def test_as_a_file(text, suffix, line, phrase, tmp_path):
    """A file that is no config is told as such, with its line where there is one."""
    path = tmp_path / f"config{suffix}"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    (issue,) = lint([path])
    assert phrase in issue.what and issue.line == line and issue.file == str(path)


def test_every_message_says_where_what_and_how(tmp_path):
    """Each issue of the corpus has a file, an id, what is wrong and a cure, on one line."""
    for ids, _, _ in IN_THE_FILE:
        for issue in lint([written(tmp_path, ids)]):
            assert issue.file and issue.line and issue.id and issue.what and issue.cure
            assert "\n" not in str(issue) and str(issue).startswith(f"{issue.file}:{issue.line}: ")


@pytest.mark.parametrize(
    "overrides",
    [
        {"max_epochs": 40},
        {"optimizer#weight_decay": 1e-4},
        {"optimizer::lr": "$0.1 * 0.01"},
        {"reader#name": "dicom", "reader#modalities": ["DX"]},
        {"network_def#name": "basic_unet", "network_def#dropout": 0.1},
        {"device": "cpu", "image_size": 128},
        {"train#inferer": {"_target_": "SimpleInferer"}},
        {"resume_from": "latest"},
        {"dataset_dir": "/"},
        {"run_id": "initialize"},
    ],
)
def test_right_overrides(overrides):
    """What may be set is not reported: ids that exist, arguments that a component takes, MONAI's options."""
    assert lint([BASE], overrides) == []


def test_text_over_a_number_in_an_overlay(tmp_path):
    """An overlay that puts a text where its base has a number is told so, with the base's line."""
    overlay = tmp_path / "overlay.json"
    overlay.write_text('{"batch_size": "many"}')
    (issue,) = [each for each in lint([BASE, overlay]) if each.file == str(overlay)]
    assert issue.id == "batch_size" and f"{BASE}:" in issue.what and "has a number" in issue.what


def test_yaml_numbers(tmp_path):
    """YAML reads 1e-4 as a text, which Adam cannot use; the message says how to write it."""
    config = tmp_path / "config.yaml"
    config.write_text("run: [$@o]\no: {_target_: torch.optim.Adam, params: [], lr: 1e-4}\n")
    (issue,) = lint([config])
    assert issue.id == "o#lr" and "1.0e-4" in issue.cure


def test_order(tmp_path):
    """Issues come in the order of the files and their lines."""
    config = tmp_path / "config.json"
    config.write_text('{\n"run": ["$@c"],\n"c": "@d",\n"a": 1,\n"b": 2}')
    assert [issue.line for issue in lint([config], {"zzz": 1})] == [3, 4, 5, None]
