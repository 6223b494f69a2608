"""Ranges of single settings: the ends hold, what lies beyond does not, and expressions are left alone."""

import math

import pytest

from cxrtk.training.setting_ranges import (
    Range,
    arguments_out_of_range,
    settings_out_of_range,
)

GOOD = {
    "image_size": (1, 256), "batch_size": (1, 2**20), "max_epochs": (1,), "val_interval": (1, 7),
    "learning_rate": (1e-12, 10), "early_stop_patience": (0, 3), "seed": (0, 2**32 - 1),
    "num_workers": (0, 8), "overlays": (0,), "cache_gb": (0, 0.5), "test_fraction": (0.01, 0.99),
    "fold": (0, 4), "folds": (0, 5), "in_channels": (1, 3), "device": ("cpu", "cuda", "cuda:1"),
}  # fmt: skip
BAD = {
    "image_size": (0, -1, 1.5, "64", None, True), "batch_size": (0, -4, 2.5), "max_epochs": (0, -1, False),
    "val_interval": (0, -1), "learning_rate": (0, -1e-3, math.nan, math.inf, -math.inf, "nan", None),
    "early_stop_patience": (-1,), "seed": (-1, 2**32, 0.5), "num_workers": (-1,), "overlays": (-1,),
    "cache_gb": (-0.1, math.inf), "test_fraction": (0, 1, 1.0, -0.1, 2), "fold": (-1,), "folds": (-2, 1.5),
    "in_channels": (0,), "device": ("mps", "gpu", "cuda:x", "CPU"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_holds(name):
    """Both ends of a range, and expressions and references, which are not evaluated."""
    for value in (*GOOD[name], "$1 - 1", "@other", "%other"):
        assert list(settings_out_of_range({name: value})) == [], value


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_hold(name):
    """One misfit, of this id, in one line."""
    for value in BAD[name]:
        (misfit,) = settings_out_of_range({name: value})
        assert misfit.id == name and "\n" not in str(misfit), value


def test_the_numbers_are_those_of_numpy_and_torch():
    """The ranges agree with the values that the libraries accept and refuse."""
    import numpy as np
    import torch

    for seed in GOOD["seed"]:
        np.random.RandomState(seed)
    for seed in (-1, 2**32):
        with pytest.raises(ValueError, match="Seed must be between 0 and"):
            np.random.RandomState(seed)
    with pytest.raises(ValueError, match="Invalid learning rate"):
        torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=-1.0)
    for workers, size in ((-1, 1), (0, 0)):
        with pytest.raises(ValueError, match=r"num_workers|batch_size"):
            torch.utils.data.DataLoader([1], batch_size=size, num_workers=workers)


@pytest.mark.parametrize(
    ("component", "ids"),
    [
        ({"_target_": "DataLoader", "batch_size": 0}, ["batch_size"]),
        ({"_target_": "torch.optim.SGD", "lr": -1, "momentum": -1}, ["lr", "momentum"]),
        ({"_target_": "RandFlipd", "prob": 1.5}, ["prob"]),
        ({"_target_": "cxrtk.training.TrainHandlers", "keep": 1, "interval": 0}, ["interval", "keep"]),
        ({"_target_": "SupervisedTrainer", "max_epochs": 0}, ["max_epochs"]),
        ({"_target_": "SupervisedTrainer", "max_epochs": "$2"}, []),
        ({"_target_": "DataLoader", "batch_size": None, "num_workers": "@n"}, []),
        ({"_target_": "Later", "in_channels": [1, 2]}, []),  # of another meaning
        ({"batch_size": 0, "prob": 7}, []),  # of no component
    ],
)
def test_arguments_of_components(component, ids):
    """Wherever they stand."""
    found = [*arguments_out_of_range({"train": {"x": ["@y", component]}})]
    assert sorted(each.id for each in found) == [f"train#x#1#{id}" for id in ids]


def test_a_config_that_holds_itself_ends():
    """YAML aliases can create such a config."""
    config: dict = {"a": {"_target_": "x", "prob": 2}}
    config["a"]["self"] = config
    assert [each.id for each in arguments_out_of_range(config)] == ["a#prob"]


def test_a_range_in_words():
    """The words state whether the ends are included."""
    words = [Range(True, 1), Range(False, 0, ends=False), Range(False, 0, 1), Range(False, 0, 1, False)]
    assert [each.words() for each in words] == [
        "an integer, 1 or more",
        "a number above 0",
        "a number from 0 to 1",
        "a number between 0 and 1, exclusive",
    ]
