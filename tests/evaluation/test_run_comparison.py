"""Comparison of runs: settings, means with intervals, differences by image."""

import numpy as np
import pytest
import scipy.stats

from cxrtk.evaluation.run_comparison import MISSING, differing, notes, reason_against, rows
from cxrtk.evaluation.run_results import read_result

from .run_folders import write_run

RNG = np.random.default_rng(0)
NAMES = [f"images/{number}.png" for number in range(40)]
FIRST = dict(zip(NAMES, RNG.uniform(0.7, 1.0, 40).tolist(), strict=True))
OTHER = {name: value - 0.05 + RNG.normal(0, 0.01) for name, value in FIRST.items()}
ALONE = {name: number for number, name in enumerate(NAMES)}


@pytest.fixture
def make(tmp_path):
    """Write and read a run."""
    return lambda name, dice, **about: read_result(write_run(tmp_path / name, dice, **about))


def test_only_the_settings_that_differ_are_listed(make):
    """By id, with the value of each run; the names of runs are no settings, and a missing id is said."""
    same = {"seed": 0, "classes": ["a", "b"]}
    first = make("a", FIRST, config={**same, "run_name": "a", "optimizer": {"lr": 0.1}})
    other = make("b", FIRST, config={**same, "run_name": "b", "optimizer": {"lr": 0.2, "eps": 1}})
    assert differing([first, other]) == {"optimizer#lr": [0.1, 0.2], "optimizer#eps": [MISSING, 1]}


def bootstrap(values: list[float]) -> tuple[float, float]:
    """Interval of the mean by SciPy, one image a patient."""
    found = scipy.stats.bootstrap([values], np.mean, method="percentile", n_resamples=4000, rng=1)
    return found.confidence_interval.low, found.confidence_interval.high


def test_means_and_intervals_are_those_of_scipy(make):
    """Within the noise of two bootstraps."""
    row, _ = rows([make("a", FIRST, patients=ALONE), make("b", OTHER, patients=ALONE)])
    assert row.test.mean == pytest.approx(np.mean([*FIRST.values()]))
    assert row.test.interval == pytest.approx(bootstrap([*FIRST.values()]), abs=3e-3)
    assert row.difference is None


def test_the_difference_is_paired_by_image(make):
    """Its interval is that of the differences, a fifth as wide as those of the means."""
    _, row = rows([make("a", FIRST, patients=ALONE), make("b", OTHER, patients=ALONE)])
    differences = [OTHER[name] - FIRST[name] for name in NAMES]
    assert row.difference.mean == pytest.approx(np.mean(differences))
    assert row.difference.interval == pytest.approx(bootstrap(differences), abs=5e-4)
    assert np.ptp(row.difference.interval) < 0.2 * np.ptp(row.test.interval)


def test_images_of_a_patient_are_resampled_together(make):
    """Each value twice, as of two images of one patient: the interval is that of single images."""
    twice = {f"{name}{copy}": value for name, value in FIRST.items() for copy in (0, 1)}
    patients = {f"{name}{copy}": number for number, name in enumerate(NAMES) for copy in (0, 1)}
    single, double = (
        rows([make(name, dice, patients=who)])[0].test.interval
        for name, dice, who in (("a", FIRST, ALONE), ("b", twice, patients))
    )
    assert double == pytest.approx(single, abs=1e-9)


FEWER = {name: FIRST[name] for name in NAMES[:30]}


@pytest.mark.parametrize(
    ("dice", "about", "said"),
    [
        (FIRST, {}, ""),
        (FEWER, {}, "the test images differ: a has 40, b has 30, and 30 are in both"),
        (FIRST, {"truth": "human masks, heart excluded"}, "tested against different masks"),
        (FIRST, {"sha": "1f"}, "40 test images of a and b have different pixels or masks"),
    ],
)
def test_runs_are_paired_where_images_and_masks_are_the_same(make, dice, about, said):
    """Otherwise there is no difference, and a line says why."""
    runs = [make("a", FIRST, patients=ALONE), make("b", dice, patients=ALONE, **about)]
    reason = reason_against(*runs)
    assert said in reason and bool(said) == bool(reason)
    assert (rows(runs)[1].difference is None) == bool(said)
    assert any(said in line for line in notes(runs)) or not said


def test_masks_of_other_generators_are_other_masks(make):
    """Both are called generated, but by another threshold."""
    weak = {"truth": "generated masks (weak labels)"}
    runs = [make(n, FIRST, **weak, config={"mask_generator": {"name": n}}) for n in ("a", "b")]
    assert "different masks" in reason_against(*runs)


def test_a_run_without_patients_is_said(make):
    """Its interval is by image."""
    (line,) = notes([make("a", FIRST, patients=ALONE), make("b", FIRST)])
    assert line == "Intervals are by image, not by patient, which was not recorded: b."
