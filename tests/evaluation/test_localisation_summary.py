"""Rates over cases, counted by hand; Wilson's interval against SciPy's."""

from __future__ import annotations

import pytest
from scipy import stats

from cxrtk.errors import DataError
from cxrtk.evaluation.bootstrap import interval_of_mean
from cxrtk.evaluation.localisation import LocalisedCase
from cxrtk.evaluation.localisation_summary import ALL, THRESHOLDS, hit_rate, summarise, wilson


def _case(
    image: str,
    finding: str,
    pointing: bool,
    ious: tuple[float, ...],
    iobbs: tuple[float, ...],
    contrast: bool = True,
    chance: float = 0.1,
) -> LocalisedCase:
    return LocalisedCase(image, image[0], finding, contrast, pointing, chance, ious, iobbs)


CASES = [
    _case("a_0", "Mass", True, (0.45, 0.05), (0.9, 0.1)),
    _case("a_1", "Mass", False, (0.3,), (0.3,), chance=0.2),
    _case("b_0", "Mass", False, (), (), contrast=False, chance=0.3),
    _case("b_0", "Nodule", True, (0.1, 0.1, 0.0), (1.0, 0.2, 0.0)),
]


def test_counts_of_a_finding() -> None:
    """Of three cases of Mass one points right, two reach an IoU of 0.3, one reaches 0.4, none 0.5."""
    mass, nodule, together = summarise(CASES)
    assert [scores.finding for scores in (mass, nodule, together)] == ["Mass", "Nodule", ALL]
    assert (mass.cases, mass.patients, mass.without_contrast) == (3, 2, 1)
    assert (mass.pointing.hits, mass.pointing.value) == (1, pytest.approx(1 / 3))
    assert [mass.iou[limit].hits for limit in THRESHOLDS] == [2, 2, 2, 1, 0, 0, 0]
    assert [mass.iobb[limit].hits for limit in THRESHOLDS] == [2, 2, 2, 1, 1, 1, 1]
    assert mass.chance == pytest.approx(0.2)
    assert (together.cases, together.patients, together.without_contrast) == (4, 2, 1)
    assert [together.iou[limit].hits for limit in THRESHOLDS] == [3, 2, 2, 1, 0, 0, 0]


def test_false_regions_an_image() -> None:
    """Regions below T over images, those without regions included; a case may hit and be false as well."""
    mass, nodule, together = summarise(CASES)
    # Mass: regions of 0.45, 0.05 and 0.3 on three images.
    expected = [1 / 3, 1 / 3, 1 / 3, 2 / 3, 1, 1, 1]
    assert list(mass.false_iou.values()) == pytest.approx(expected)
    assert list(mass.false_iobb.values())[:3] == pytest.approx([0, 1 / 3, 1 / 3])
    assert nodule.false_iou[0.1] == 1 and nodule.false_iou[0.2] == 3
    assert together.false_iobb[0.2] == pytest.approx(2 / 4)


def test_an_overlap_of_exactly_t_counts() -> None:
    """0.1 + 0.2 is a little above 0.3 and 0.7 - 0.4 a little below; both reach 0.3."""
    for value in (0.1 + 0.2, 0.7 - 0.4):
        (scores, _) = summarise([_case("a_0", "Mass", True, (value,), (value,))])
        assert scores.iou[0.3].hits == 1 and scores.false_iou[0.3] == 0


@pytest.mark.parametrize(("hits", "trials"), [(0, 5), (5, 5), (1, 2), (13, 90), (89, 90)])
def test_wilson_is_scipys(hits: int, trials: int) -> None:
    """SciPy's score interval without continuity correction."""
    expected = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    assert wilson(hits, trials) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_interval_goes_by_patient() -> None:
    """Mixed hits: the bootstrap's interval over patients, as for other means."""
    hits, patients = [True, True, False, True, False, False], list("aabbcd")
    expected = interval_of_mean([1, 1, 0, 1, 0, 0], patients)
    assert hit_rate(hits, patients).interval == expected


@pytest.mark.parametrize("hit", [True, False])
def test_all_alike_still_leaves_doubt(hit: bool) -> None:
    """Six hits of six, or none, on four patients: Wilson's interval for four trials."""
    rate = hit_rate([hit] * 6, list("aabbcd"))
    expected = stats.binomtest(4 * hit, 4).proportion_ci(0.95, method="wilson")
    assert rate.interval == pytest.approx((expected.low, expected.high))


def test_one_patient_says_nothing_of_others() -> None:
    """No interval from one patient, however many images."""
    assert hit_rate([True, False], ["a", "a"]).interval is None
    assert hit_rate([True, True], ["a", "a"]).interval is None


@pytest.mark.parametrize(
    ("cases", "message"), [([], "not none"), ([CASES[0], CASES[0]], r"\('a_0', 'Mass'\)")]
)
def test_cases_that_cannot_be_counted(cases: list[LocalisedCase], message: str) -> None:
    """No case, and the same case twice, are refused."""
    with pytest.raises(DataError, match=message):
        summarise(cases)
