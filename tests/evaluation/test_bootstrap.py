"""The interval of a mean, patient by patient."""

import numpy as np
import pytest
from scipy import stats

from cxrtk.evaluation import bootstrap
from cxrtk.evaluation.bootstrap import interval_of_mean, means_by_patient

VALUES = np.random.default_rng(1).normal(0.9, 0.05, 60).tolist()
OWN = [str(number) for number in range(60)]


def test_is_scipys():
    """Of one image a patient: SciPy's percentile bootstrap, as near as 20,000 draws bring two of them."""
    low, high = interval_of_mean(VALUES, OWN, resamples=20_000)
    expected = stats.bootstrap(
        (VALUES,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(7)
    ).confidence_interval
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=4e-4)


def test_is_a_plain_loop():
    """The same draws of patients, their images gathered one by one."""
    patients = [f"p{number % 7}" for number in range(60)]
    names = list(dict.fromkeys(patients))
    rng = np.random.default_rng(3)
    means = []
    for drawn in rng.integers(7, size=(50, 7)):
        gathered = [
            value
            for index in drawn
            for value, patient in zip(VALUES, patients, strict=True)
            if patient == names[index]
        ]
        means.append(np.mean(gathered))
    found = interval_of_mean(VALUES, patients, resamples=50, seed=3)
    assert found == pytest.approx(tuple(np.percentile(means, [2.5, 97.5])))


def test_more_images_of_the_same_patients_prove_nothing():
    """Each image four times: the interval stays; taken for patients of their own, it would halve."""
    plain = interval_of_mean(VALUES, OWN)
    assert interval_of_mean(VALUES * 4, OWN * 4) == pytest.approx(plain)
    feigned = interval_of_mean(VALUES * 4, [str(number) for number in range(240)])
    assert feigned[1] - feigned[0] == pytest.approx((plain[1] - plain[0]) / 2, rel=0.1)


def test_the_seed_decides():
    """Same seed, same interval; another, another."""
    assert interval_of_mean(VALUES, OWN, seed=5) == interval_of_mean(VALUES, OWN, seed=5)
    assert interval_of_mean(VALUES, OWN, seed=5) != interval_of_mean(VALUES, OWN, seed=6)


def test_one_patient_says_nothing_of_others():
    """There is no interval."""
    assert interval_of_mean([0.1, 0.9], ["a", "a"]) is None


def test_covers_as_often_as_it_says():
    """Of 400 samples of 40 patients, the true mean lies in about 95 of 100 intervals."""
    rng = np.random.default_rng(0)
    patients = [str(number) for number in range(40)]
    hits = 0
    for _ in range(400):
        low, high = interval_of_mean(rng.normal(size=40).tolist(), patients, resamples=400)
        hits += low <= 0 <= high
    assert 0.91 <= hits / 400 <= 0.98


def test_means_by_patient():
    """In the order of the first images."""
    assert means_by_patient([1.0, 2.0, 5.0], ["b", "a", "b"]).tolist() == [3.0, 2.0]


def test_memory_is_bounded(monkeypatch):
    """Drawn in pieces of at most so many numbers, and a last one that is smaller: the same interval."""
    plain, sizes = interval_of_mean(VALUES, OWN, resamples=101), []
    made = np.random.default_rng

    class Watched:
        def __init__(self, seed):
            self.rng = made(seed)

        def integers(self, number, size):
            sizes.append(size)
            return self.rng.integers(number, size=size)

    monkeypatch.setattr(np.random, "default_rng", Watched)
    monkeypatch.setattr(bootstrap, "_AT_ONCE", 150)
    assert interval_of_mean(VALUES, OWN, resamples=101) == plain
    assert sizes == [(2, 60)] * 50 + [(1, 60)]
    sizes.clear()
    monkeypatch.setattr(bootstrap, "_AT_ONCE", 10)  # less than one draw of all patients
    assert interval_of_mean(VALUES, OWN, resamples=3) is not None and sizes == [(1, 60)] * 3


def test_what_is_asked_for_by_default():
    """2,000 resamples, seed 0, 95 %; two patients have an interval."""
    assert interval_of_mean(VALUES, OWN) == interval_of_mean(VALUES, OWN, resamples=2000, seed=0)
    assert interval_of_mean([0.1, 0.9], ["a", "b"]) == (pytest.approx(0.1), pytest.approx(0.9))
