"""Splits by patient: nobody in two parts, no part empty, the same again by the same seed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrtk import DataError
from cxrtk.data import Split, split_by_patient
from cxrtk.data.splits import image_names

from .split_items import PARTS, TWINS, images, items_of, patients

counts_of_images = st.lists(st.integers(1, 5), min_size=3, max_size=60)


@settings(deadline=None)
@given(counts_of_images, st.integers(0, 2**32 - 1), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_every_item_is_in_one_part_and_no_patient_in_two(counts, seed, test, validation):
    """Whatever the fractions, the parts are disjoint by patient, complete and never empty."""
    items = items_of(*counts)
    split = split_by_patient(items, seed=seed, test_fraction=test, validation_fraction=validation)
    parts = [split.part(part) for part in PARTS]
    assert all(parts)
    assert sum(len(patients(part)) for part in parts) == len(counts)
    assert sorted(images(items)) == sorted(item["image"] for part in parts for item in part)


@settings(deadline=None)
@given(counts_of_images, st.integers(0, 100), st.randoms())
def test_the_order_of_the_items_does_not_matter(counts, seed, random):
    """A shuffled list gives every part the same images."""
    items = items_of(*counts)
    shuffled = random.sample(items, len(items))
    one, other = split_by_patient(items, seed=seed), split_by_patient(shuffled, seed=seed)
    assert all(images(one.part(part)) == images(other.part(part)) for part in PARTS)


def test_the_seed_decides():
    """The same seed gives the same split, another seed another one; 0 is the default."""
    items = items_of(*[1] * 30)
    assert split_by_patient(items) == split_by_patient(items, seed=0)
    assert len({json.dumps(split_by_patient(items, seed=seed).test) for seed in range(10)}) == 10


@pytest.mark.parametrize(
    ("count", "train", "validation", "test"),
    [
        (3, 1, 1, 1),
        (4, 2, 1, 1),  # 4 x 0.3 = 1.2
        (10, 6, 1, 3),  # 7 x 0.1 = 0.7
        (100, 63, 7, 30),
        (186, 117, 13, 56),  # 186 x 0.3 = 55.8; 130 x 0.1
        (1000, 630, 70, 300),
    ],
)
def test_30_percent_of_the_patients_test_and_10_percent_of_the_others_validate(
    count, train, validation, test
):
    """The paper's shares, counted by hand, with two images a patient."""
    split = split_by_patient(items_of(*[2] * count))
    assert [len(patients(split.part(part))) for part in PARTS] == [train, validation, test]
    assert [len(split.part(part)) for part in PARTS] == [2 * train, 2 * validation, 2 * test]


@pytest.mark.parametrize("counts", [(), (9,), (4, 7)])
def test_fewer_than_three_patients_are_an_error(counts):
    """However many images they have; the message says how many patients there are."""
    with pytest.raises(DataError, match=f"^{len(counts)} patients? cannot be split.*at least 3"):
        split_by_patient(items_of(*counts))


@pytest.mark.parametrize("name", ["test_fraction", "validation_fraction"])
@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 30])
def test_a_fraction_that_is_none_is_refused(name, fraction):
    """0 and 1 too, as they would leave a part empty."""
    with pytest.raises(ValueError, match=name):
        split_by_patient(items_of(1, 1, 1, 1), **{name: fraction})


def test_a_patient_in_two_parts_is_refused_without_naming_the_patient():
    """The message has the file's name, enough for the user, and no number that a log should not hold."""
    a, b, c, d = items_of(2, 1, 1)
    with pytest.raises(DataError, match=r"leaks.*patient of 0_1\.png is in train and in test") as caught:
        Split(train=[a], validation=[c], test=[b, d])
    assert "p0" not in str(caught.value)


def test_an_image_in_two_parts_is_refused():
    """Even if two patients are said to own it."""
    a, b, c = items_of(1, 1, 1)
    with pytest.raises(DataError, match=r"leaks.*image of 0_0\.png"):
        Split(train=[a], validation=[b], test=[c, {**a, "patient": "p9"}])


@pytest.mark.parametrize("empty", PARTS)
def test_an_empty_part_is_refused(empty):
    """Each of the three needs an image."""
    items = items_of(1, 1, 1)
    parts = {part: [] if part == empty else [item] for part, item in zip(PARTS, items, strict=True)}
    with pytest.raises(DataError, match=f"{empty} part .* is empty"):
        Split(**parts)


@pytest.mark.parametrize(("root", "name"), [("", "old/images/0.png"), ("/elsewhere", "old/images/0.png")])
def test_without_a_data_folder_above_the_images_their_common_folder_counts(root, name):
    """An absolute source may lie anywhere."""
    assert image_names(TWINS, root)[0] == name
