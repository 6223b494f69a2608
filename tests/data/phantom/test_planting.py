"""Planted findings: visible where their masks say, the same at every size, and nothing else changes."""

import numpy as np
import pytest
from scipy import ndimage

from cxrtk import phantom
from cxrtk.errors import ConfigError

LUNG_FINDINGS = [name for name in phantom.PLANTABLE if name != "Cardiomegaly"]
SEEDS = range(6)


def _one(seed, name, size=128):
    """The drawing and the union of the masks of that finding in it."""
    drawn = phantom.draw(seed, size, findings=[name])
    masks = [planted.mask for planted in drawn.findings if planted.finding == name]
    return drawn, np.max(masks, axis=0).astype(bool)


def test_without_findings_nothing_has_changed():
    """Means of 4 x 4 blocks and areas of masks as they were before findings could be planted."""
    drawn = phantom.draw(11, 128)
    blocks = drawn.pixels.reshape(4, 32, 4, 32).mean(axis=(1, 3)).ravel()
    before = [0.187, 0.324, 0.330, 0.167, 0.435, 0.280, 0.335, 0.444]
    before += [0.391, 0.535, 0.603, 0.370, 0.685, 0.962, 0.956, 0.639]
    assert blocks == pytest.approx(before, abs=1e-3)
    areas = [int(mask.sum()) for mask in (drawn.right_lung, drawn.left_lung, drawn.heart)]
    assert areas == pytest.approx([1834, 1615, 1511], abs=3)
    assert drawn.findings == () and "lesions" not in drawn.meta


def test_an_empty_list_plants_nothing():
    """The pixels are those of a drawing that was not asked for findings."""
    for seed in SEEDS:
        plain, asked = phantom.draw(seed, 128), phantom.draw(seed, 128, findings=[])
        assert np.array_equal(plain.pixels, asked.pixels)
        assert asked.meta["finding"] == plain.meta["finding"]


@pytest.mark.parametrize("name", LUNG_FINDINGS)
def test_a_finding_changes_the_image_where_its_mask_is(name):
    """Inside the mask brighter than without (a pneumothorax darker), outside hardly changed."""
    inside, outside = [], []
    for seed in SEEDS:
        plain = phantom.draw(seed, 128, findings=[])
        drawn, mask = _one(seed, name)
        change = drawn.pixels - plain.pixels
        far = ndimage.distance_transform_edt(~mask) > 30
        lungs = (drawn.right_lung | drawn.left_lung).astype(bool)
        inside.append(change[mask & lungs].mean())
        outside.append(np.abs(change[far & lungs]).mean())
    sign = -1 if name == "Pneumothorax" else 1
    assert np.all(sign * np.array(inside) > 0)
    assert sign * np.mean(inside) > 3 * np.mean(outside)


@pytest.mark.parametrize("name", LUNG_FINDINGS)
def test_lungs_and_heart_stay(name):
    """The masks of lungs and heart are those of the same drawing without the finding."""
    for seed in SEEDS:
        plain, (drawn, _) = phantom.draw(seed, 128), _one(seed, name)
        for part in ("right_lung", "left_lung", "heart"):
            assert np.array_equal(getattr(plain, part), getattr(drawn, part))


@pytest.mark.parametrize(("name", "least", "most"), [("Nodule", 10, 30), ("Mass", 30, 60)])
def test_balls_lie_in_a_lung_and_have_their_size(name, least, most):
    """Whole in the lungs' mask; as large as a circle of 1 to 3 cm, or 3 to 6 cm, to a pixel and the lobes."""
    for seed in range(12):
        drawn = phantom.draw(seed, 256, findings=[name])
        lungs = (drawn.right_lung | drawn.left_lung).astype(bool)
        mm = drawn.spacing_mm[0]
        balls = [planted.mask.astype(bool) for planted in drawn.findings if planted.finding == name]
        assert 1 <= len(balls) <= 3
        for mask in balls:
            assert mask[lungs].sum() == mask.sum()
            diameter = 2 * np.sqrt(mask.sum() / np.pi) * mm
            assert least - mm < diameter < 1.05 * most + mm


def test_a_wide_heart_is_wide():
    """Planted, the heart's mask spans more than half of the lungs' columns, and is the finding's mask."""
    for seed in SEEDS:
        drawn, mask = _one(seed, "Cardiomegaly", 256)
        lungs = drawn.right_lung | drawn.left_lung
        heart, both = (np.ptp(np.flatnonzero(each.any(axis=0))) + 1 for each in (drawn.heart, lungs))
        assert heart / both > 0.5
        assert np.array_equal(mask, drawn.heart)
        assert "Cardiomegaly" in drawn.meta["finding"].split("|")


def test_a_heart_that_is_wide_anyway_is_found():
    """With findings asked for, a patient's own wide heart has its mask; one that is not wide has none."""
    for seed in range(12):
        drawn = phantom.draw(seed, 128, findings=[])
        wide = phantom.describe(seed)["finding"] == "Cardiomegaly"
        assert [planted.finding for planted in drawn.findings] == (["Cardiomegaly"] if wide else [])


def test_the_place_does_not_depend_on_the_size():
    """At 128 and 384 pixels each mask has its middle and its area in the same place of the patient."""
    for seed in SEEDS:
        small, large = (phantom.draw(seed, size, findings=LUNG_FINDINGS) for size in (128, 384))
        assert [each.finding for each in small.findings] == [each.finding for each in large.findings]
        for a, b in zip(small.findings, large.findings, strict=True):
            middle = np.argwhere(a.mask).mean(axis=0) + 0.5, (np.argwhere(b.mask).mean(axis=0) + 0.5) / 3
            assert np.abs(middle[0] - middle[1]).max() < 1.0
            assert a.mask.sum() == pytest.approx(b.mask.sum() / 9, rel=0.15, abs=3)


def test_no_mask_is_empty_and_findings_keep_apart():
    """Everything asked for at once: each has pixels, and no nodule or mass lies in another finding's mask."""
    for seed in range(20):
        drawn = phantom.draw(seed, 128, findings=phantom.PLANTABLE)
        assert {planted.finding for planted in drawn.findings} == set(phantom.PLANTABLE)
        assert all(planted.mask.any() for planted in drawn.findings)
        balls = [planted for planted in drawn.findings if planted.finding in ("Nodule", "Mass")]
        solid = [planted for planted in drawn.findings if planted.finding in ("Effusion", "Consolidation")]
        for ball in balls:
            assert not any((ball.mask & other.mask).any() for other in solid)


def test_effusion_and_pneumothorax_take_different_sides():
    """Together they would need a straight level of fluid, which is not modelled."""
    for seed in range(12):
        drawn = phantom.draw(seed, 128, findings=["Effusion", "Pneumothorax"])
        sides = {lesion["finding"]: lesion["side"] for lesion in drawn.meta["lesions"]}
        assert sides["Effusion"] == -sides["Pneumothorax"]


def test_the_same_seed_plants_the_same():
    """Pixels and masks, bit by bit; another seed plants elsewhere."""
    a, b = (phantom.draw(7, 128, findings=["Mass", "Nodule"]) for _ in range(2))
    assert np.array_equal(a.pixels, b.pixels)
    for one, other in zip(a.findings, b.findings, strict=True):
        assert np.array_equal(one.mask, other.mask)
    assert a.meta["lesions"] != phantom.draw(8, 128, findings=["Mass", "Nodule"]).meta["lesions"]


@pytest.mark.parametrize("findings", [["Hernia"], ["Mass", "Mass"], "Mass", ["No Finding"]])
def test_what_cannot_be_planted_is_refused(findings):
    """Names that are unknown, double or no list, with those there are."""
    with pytest.raises(ConfigError, match="Consolidation, Mass, Nodule, in a list"):
        phantom.draw(1, 128, findings=findings)


def test_too_small_for_findings():
    """Below 128 pixels a nodule would be lost between the pixels."""
    with pytest.raises(ConfigError, match="with findings needs a size of at least 128 pixels, not 127"):
        phantom.draw(1, 127, findings=["Nodule"])
    assert phantom.draw(1, 64, findings=[]).pixels.shape == (64, 64)
