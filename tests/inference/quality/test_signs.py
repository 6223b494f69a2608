"""The quality flag: distances by hand, signs of drawn masks, and a judge whose numbers are known."""

import json

import numpy as np
import pytest

from cxrtk.inference.quality.signs import Distance, FlagRule, shape_of, signs

CLASSES = ("right_lung", "left_lung", "heart")
GREY = np.linspace(0, 1, 80 * 80, dtype=np.float32).reshape(80, 80)


def views(change=lambda masks: masks) -> np.ndarray:
    """(3, 3, 64, 64): two lungs and a heart, almost sure; the mirrored view changed."""
    masks = np.full((3, 64, 64), 0.01, np.float32)
    masks[0, 10:50, 8:24] = masks[1, 10:50, 40:56] = masks[2, 34:50, 24:40] = 0.99
    return np.stack([masks, masks, change(masks.copy())])


def shifted(masks):
    return np.roll(masks, 8, axis=1)


def test_distances_of_a_known_population():
    """Independent, of standard deviations 1, 2 and 3: a point two deviations out on each axis is at 2."""
    rng = np.random.default_rng(0)
    population = rng.standard_normal((20000, 3)) * [1, 2, 3] + [5, 6, 7]
    distance = Distance(**Distance.fit(population, axes=3))
    assert distance([5, 6, 7]) == pytest.approx(0, abs=0.05)
    assert distance([7, 10, 13]) == pytest.approx(2, rel=0.03)
    assert distance([5, 6, 7 + 3 * np.sqrt(3)]) == pytest.approx(1, rel=0.03)


def test_correlations_count():
    """Scikit-learn's covariance gives the same order: across the long axis is further than along it."""
    from sklearn.covariance import EmpiricalCovariance

    rng = np.random.default_rng(1)
    population = rng.standard_normal((5000, 2)) @ np.array([[2.0, 1.8], [0.0, 0.5]])
    distance = Distance(**Distance.fit(population, axes=2))
    sklearn = EmpiricalCovariance().fit(population)
    points = rng.standard_normal((50, 2)) * 3
    theirs = np.sqrt(sklearn.mahalanobis(points) / 2)
    assert [distance(point) for point in points] == pytest.approx(theirs.tolist(), rel=1e-3)


def test_what_the_axes_leave_over_counts():
    """One axis of three: a point off it is far, though along it it is usual."""
    rng = np.random.default_rng(2)
    along = rng.standard_normal((1000, 1)) @ np.ones((1, 3)) + 0.01 * rng.standard_normal((1000, 3))
    distance = Distance(**Distance.fit(along, axes=1))
    assert distance([1.0, -1.0, 0.0]) > 20 * distance([1.0, 1.0, 1.0])


def test_the_description_is_json():
    """It travels in the model file; reading it back changes nothing."""
    vectors = np.random.default_rng(3).standard_normal((50, 8))
    described = json.loads(json.dumps(Distance.fit(vectors, axes=4)))
    assert Distance(**described)(vectors[0]) > 0


def test_shapes_by_hand():
    """A rectangle of 40 x 16 in 64: its area's root, centre, sides and spreads."""
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[0, 10:50, 8:24] = 1
    expected = [np.sqrt(640), 29.5, 15.5, 39, 15, np.sqrt((40**2 - 1) / 12), np.sqrt((16**2 - 1) / 12)]
    assert shape_of(mask) == pytest.approx([number / 64 for number in expected])
    assert shape_of(np.zeros((1, 64, 64), np.uint8)) == [0.0] * 7


def test_signs_of_a_good_mask():
    """Agreement 1, no fragments, equal lungs, little entropy."""
    found = signs(views(), CLASSES, 0.5, GREY)
    assert found["agreement"] == found["side_agreement"] == 1
    assert found["fragments"] == 0 and found["smaller_lung"] == 0.5
    assert found["area"] == pytest.approx(2 * 640 / 4096)
    bits = -(0.99 * np.log2(0.99) + 0.01 * np.log2(0.01))
    assert found["entropy"] == pytest.approx(bits * 4096 / 1280, rel=1e-4)


def test_signs_of_a_view_that_disagrees():
    """Moved by 8 of 40 rows: Dice 32 / 40 by hand."""
    assert signs(views(shifted), CLASSES, 0.5, GREY)["agreement"] == pytest.approx(0.8)


def test_signs_of_a_moved_view_that_disagrees():
    """Likewise, and the mask is made of both."""
    unstable = views()
    unstable[1] = shifted(unstable[1])
    found = signs(unstable, CLASSES, 0.5, GREY)
    assert found["stability"] == pytest.approx(0.8) and found["agreement"] == 1
    assert found["area"] == pytest.approx(2 * 16 * 48 / 4096)  # at half and half, both count


def test_signs_of_one_side_that_disagrees():
    """The worse lung is what counts there."""
    only_left = signs(views(lambda m: np.stack([m[0], np.roll(m[1], 8, axis=0), m[2]])), CLASSES, 0.5, GREY)
    assert only_left["side_agreement"] == pytest.approx(0.8)
    assert only_left["agreement"] == pytest.approx(0.9)


def test_signs_of_crumbs():
    """A fifth of the mask lies elsewhere and is removed."""

    def crumbs(masks):
        masks[:, 54:64, :32] = 0.01
        masks[0, 54:64, :32] = 0.99
        return masks

    both = views(crumbs)
    both[:] = both[2]
    assert signs(both, CLASSES, 0.5, GREY)["fragments"] == pytest.approx(320 / 1600)


def test_signs_of_nothing():
    """Numbers all the same."""
    found = signs(np.full((3, 3, 64, 64), 0.01, np.float32), CLASSES, 0.5, GREY)
    assert found["area"] == 0 and np.isfinite(list(found.values())).all()


KNOWN = {
    "agreement": {"mean": 0.9, "scale": 0.1, "weight": 2.0, "low": 0.85, "high": 1.0},
    "entropy": {"mean": 0.3, "scale": 0.1, "weight": -1.0, "low": 0.0, "high": 0.6},
}


def rule() -> FlagRule:
    return FlagRule(KNOWN, bias=1.0, ok_from=0.5, failed_below=0.1)


@pytest.mark.parametrize(
    ("agreement", "entropy", "score", "flag"),
    [(0.9, 0.3, 0.7310586, "ok"), (0.8, 0.3, 0.2689414, "review"), (0.7, 0.5, 0.0066929, "failed")],
)
def test_the_score_is_the_logistic_function(agreement, entropy, score, flag):
    """1 / (1 + exp(-(1 + 2 (a - 0.9) / 0.1 - (e - 0.3) / 0.1))), by hand."""
    found = rule()({"agreement": agreement, "entropy": entropy, "area": 0.3})
    assert found["score"] == pytest.approx(score, abs=1e-4) and found["flag"] == flag
    assert bool(found["reasons"]) == (flag != "ok")


def test_reasons_are_words_with_numbers():
    """Each sign that is unusual, and no other."""
    found = rule()({"agreement": 0.7, "entropy": 0.3, "area": 0.3})
    assert found["reasons"] == ["the mirrored image gives another mask (Dice 0.70)"]


def test_no_lungs_are_a_failure():
    """Whatever the score."""
    found = rule()({"agreement": 1.0, "entropy": 0.0, "area": 0.0})
    assert (found["flag"], found["reasons"][0]) == ("failed", "no lungs were found")


def test_signs_of_a_heart_that_the_mirror_image_moves():
    """By 4 of its 16 rows: Dice 12 / 16 by hand; the lungs agree."""

    def moved(masks):
        return np.stack([masks[0], masks[1], np.roll(masks[2], 4, axis=0)])

    found = signs(views(moved), CLASSES, 0.5, GREY)
    assert found["heart_agreement"] == pytest.approx(0.75) and found["heart_stability"] == 1
    assert found["agreement"] == 1 and found["heart_fragments"] == 0
    assert found["heart_solidity"] == pytest.approx(1)


def test_signs_of_lungs_and_heart_against_what_is_drawn_through_it():
    """Lungs and heart have 1536 pixels, the other output the lungs alone, 1280: Dice by hand."""
    masks = views()
    lungs = masks[:, :2].max(axis=1, keepdims=True)
    found = signs(np.concatenate([masks, lungs], axis=1), (*CLASSES, "lungs_with_heart"), 0.5, GREY)
    assert found["with_heart"] == pytest.approx(2 * 1280 / (1536 + 1280))


def test_doubt_within_and_without():
    """Half a bit of doubt well inside the lungs, and far from them, is told apart."""
    masks = views()
    masks[:, :2, 28:32, 14:18] = 0.5  # one bit in 16 of the pixels that are well inside
    inside = signs(masks, CLASSES, 0.5, GREY)["inner_entropy"]
    plain = signs(views(), CLASSES, 0.5, GREY)["inner_entropy"]
    well_inside = 2 * (40 - 12) * (16 - 12)  # rows and columns of both lungs, less six on every side
    assert inside - plain == pytest.approx(16 * (1 - plain) / well_inside, rel=0.01)
    masks = views()
    masks[:, 0, 60:64, 60:64] = 0.45
    far = signs(masks, CLASSES, 0.5, GREY)
    assert far["outer_entropy"] > signs(views(), CLASSES, 0.5, GREY)["outer_entropy"]


def test_a_model_without_a_heart_has_no_sign_of_it():
    """Nor of what is drawn through it."""
    found = signs(views()[:, :2], CLASSES[:2], 0.5, GREY)
    assert not [name for name in found if "heart" in name]
