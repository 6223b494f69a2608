"""Splits that are stratified by a column, and folds for cross-validation."""

import pytest

from cxrtk import DataError
from cxrtk.data import split_by_patient

from .split_items import PARTS, images, items_of, patients


def test_stratified_parts_have_the_shares_of_each_value():
    """10 and 20 patients: 3 and 6 test, 1 and 1 validate; a value is split as it would be alone."""
    small = [{**item, "source": "a"} for item in items_of(*[1] * 10)]
    large = [{"image": f"b{n}.png", "patient": f"b{n}", "source": "b"} for n in range(20)]
    split = split_by_patient(small + large, seed=1, stratify_by="source")
    for part, a, b in (("train", 6, 13), ("validation", 1, 1), ("test", 3, 6)):
        sources = [item["source"] for item in split.part(part)]
        assert (sources.count("a"), sources.count("b")) == (a, b)
    assert images(split.test) & images(small) == images(split_by_patient(small, seed=1).test)


def test_a_patient_of_two_values_stays_in_one_part():
    """The first value is split as alone; of the second only the patients that it has alone are drawn."""
    items = [
        {"image": f"{source}{n}.png", "patient": f"p{n}", "source": source}
        for source in ("a", "b")
        for n in range(9)
    ]
    items += [{"image": f"b{n}.png", "patient": f"p{n}", "source": "b"} for n in range(9, 19)]
    split = split_by_patient(items, seed=2, stratify_by="source")
    alone = split_by_patient(items[:9], seed=2)
    for part in PARTS:
        first = {item["patient"] for item in alone.part(part)}
        assert {item["patient"] for item in split.part(part) if item["source"] == "a"} == first
        assert {item["patient"] for item in split.part(part)} & {f"p{n}" for n in range(9)} == first
    assert sum(len(split.part(part)) for part in PARTS) == 28
    assert len(patients(split.test)) == 3 + 3  # 30 % of 9 and of the 10 that only b has


def test_too_few_new_patients_to_draw_from_train():
    """Two patients that only the second value has are in no test; three values of few are refused as ever."""
    items = [
        {"image": f"{source}{n}.png", "patient": f"p{n}", "source": source}
        for source, count in (("a", 9), ("b", 11))
        for n in range(count)
    ]
    split = split_by_patient(items, stratify_by="source")
    assert {"p9", "p10"} <= patients(split.train)
    strangers = [{"image": f"c{n}.png", "patient": f"q{n}", "source": "c"} for n in range(2)]
    with pytest.raises(DataError, match="2 patients cannot be split"):
        split_by_patient(items + strangers, stratify_by="source")


def test_stratifying_by_a_column_that_is_not_there():
    """Names the first image without it."""
    with pytest.raises(DataError, match=r"images/0_0.png: has no column 'source'"):
        split_by_patient(items_of(1, 1, 1), stratify_by="source")


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_every_patient_tests_in_one_fold(folds):
    """The folds' test parts are the patients, none twice, as even as can be; each split leaks nothing."""
    items = [{"image": f"{n}.png", "patient": f"p{n // 2}"} for n in range(46)]
    splits = [split_by_patient(items, seed=1, fold=fold, folds=folds) for fold in range(folds)]
    tested = [patients(split.test) for split in splits]
    assert sum(map(len, tested)) == 23 and set.union(*tested) == patients(items)
    assert max(map(len, tested)) - min(map(len, tested)) <= 1
    for split in splits:
        assert len(split.train) + len(split.validation) + len(split.test) == 46


def test_folds_are_cut_in_each_source():
    """Stratified: each fold tests a fifth of the one and a fifth of the other."""
    items = [{"image": f"{n}.png", "patient": str(n), "source": "ab"[n >= 10]} for n in range(30)]
    for fold in range(5):
        test = split_by_patient(items, stratify_by="source", fold=fold, folds=5).test
        assert [sum(item["source"] == source for item in test) for source in "ab"] == [2, 4]


@pytest.mark.parametrize(("fold", "folds"), [(5, 5), (-1, 5), (0, 1), (0, -3)])
def test_a_fold_is_one_of_the_folds(fold, folds):
    """Counted from 0; one fold would leave nothing to train on."""
    items = [{"image": f"{n}.png", "patient": str(n)} for n in range(10)]
    with pytest.raises(ValueError, match="fold"):
        split_by_patient(items, fold=fold, folds=folds)


@pytest.mark.parametrize(("count", "folds"), [(4, 5), (3, 2)])
def test_folds_need_patients(count, folds):
    """One each, and two others to train and to validate."""
    items = [{"image": f"{n}.png", "patient": str(n)} for n in range(count)]
    with pytest.raises(DataError, match="folds"):
        split_by_patient(items, fold=0, folds=folds)
