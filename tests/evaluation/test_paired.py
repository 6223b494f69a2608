"""Two tables of the same images."""

import pytest
from scipy import stats

from cxrtk.errors import DataError
from cxrtk.evaluation.paired import compare


def pair(case, evaluation, differences, **more):
    """Tables whose Dice differ by so much."""
    first = [case(f"{n}.png", 0.5 + value, **more) for n, value in enumerate(differences)]
    return evaluation(*first), evaluation(*(case(f"{n}.png", 0.5, **more) for n in range(len(differences))))


def test_five_gains_by_hand(case, evaluation):
    """All five better: Wilcoxon's exact p is 2 of the 32 patterns of signs; the mean gain is 0.03."""
    dice, hd95 = compare(*pair(case, evaluation, [0.01, 0.02, 0.03, 0.04, 0.05]))
    assert dice.p_value == pytest.approx(2 / 32)
    assert dice.difference == pytest.approx(0.03)
    assert (dice.better, dice.worse, dice.pairs) == (5, 0, 5)
    assert dice.interval[0] > 0
    assert (hd95.difference, hd95.p_value, hd95.better) == (0.0, 1.0, 0)


def test_is_scipys_test(case, evaluation):
    """On differences of both signs."""
    differences = [0.04, -0.01, 0.02, 0.05, -0.03, 0.011, 0.07, 0.06]
    dice, _ = compare(*pair(case, evaluation, differences))
    assert dice.p_value == pytest.approx(stats.wilcoxon(differences).pvalue)


def test_images_of_one_patient_are_one_witness(case, evaluation):
    """Fifty gains of one patient prove nothing; their difference stands."""
    dice, _ = compare(*pair(case, evaluation, [0.1] * 50, patient="p"))
    assert (dice.p_value, dice.interval, dice.patients) == (None, None, 1)
    assert dice.difference == pytest.approx(0.1)


def test_of_distances_less_is_better(case, evaluation):
    """2 instead of 3: the difference is -1, and that is a gain."""
    _, hd95 = compare(evaluation(case(hd95=2.0)), evaluation(case(hd95=3.0)))
    assert (hd95.difference, hd95.better, hd95.worse) == (-1.0, 1, 0)


def test_images_that_only_one_has_do_not_count(case, evaluation):
    """The pairs are counted."""
    first = evaluation(case("a.png", 0.9), case("b.png", 0.1))
    dice, _ = compare(first, evaluation(case("a.png", 0.8), case("c.png", 0.0)))
    assert (dice.pairs, dice.first, dice.second) == (1, 0.9, 0.8)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"truth": "generated"}, "generated masks"),
        ({"heart": "included"}, "heart included"),
        ({"image": "z.png"}, "no image in common"),
        ({"truth_pixels": 999}, "true mask differs"),
        ({"spacing_mm": (1.0, 1.0)}, "spacing differs"),
    ],
)
def test_what_cannot_be_compared(case, evaluation, other, said):
    """Numbers against other masks, of other images, in other units."""
    with pytest.raises(DataError, match=said):
        compare(evaluation(case()), evaluation(case(**other)))
