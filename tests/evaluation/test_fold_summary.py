"""Mean and spread over folds."""

import json

import numpy as np
import pytest

from cxrtk.evaluation.fold_summary import summarise
from cxrtk.evaluation.run_results import read_result

from .run_folders import write_run

DICE = (0.9, 0.8, 0.95)


@pytest.fixture
def folds(tmp_path):
    """Three folds with a test image each."""
    return [
        read_result(write_run(tmp_path / f"fold{number}", {f"images/{number}.png": dice}))
        for number, dice in enumerate(DICE)
    ]


def test_each_fold_counts_once(folds):
    """NumPy's mean and its standard deviation with one degree of freedom less."""
    found = summarise(folds)
    assert found.folds == {f"fold{number}": {"dice": dice} for number, dice in enumerate(DICE)}
    assert found.mean["dice"] == pytest.approx(np.mean(DICE))
    assert found.sd["dice"] == pytest.approx(np.std(DICE, ddof=1))


def test_one_fold_has_no_spread(folds):
    """`None`, and not zero."""
    assert summarise(folds[:1]).sd == {"dice": None}


def test_a_fold_without_a_test_is_named_and_in_no_number(folds):
    """Its run failed."""
    (folds[1].folder / "test_metrics.json").unlink()
    found = summarise([read_result(fold.folder) for fold in folds])
    assert found.untested == ["fold1"] and found.mean["dice"] == pytest.approx(np.mean([0.9, 0.95]))


def test_the_file_has_the_same_numbers(folds, tmp_path):
    """For programs."""
    summarise(folds).write(tmp_path)
    content = json.loads((tmp_path / "summary.json").read_text())
    assert content["mean"]["dice"] == pytest.approx(np.mean(DICE)) and content["images"]["fold2"] == 1
