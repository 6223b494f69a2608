"""What a drawn phantom is: adult sizes, exact and disjoint masks, the same for the same seed."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from cxrtk import phantom
from cxrtk.errors import ConfigError

SEEDS = range(24)


@pytest.fixture(scope="module")
def drawn():
    return [phantom.draw(seed, 128) for seed in SEEDS]


def lungs(drawn):
    return drawn.right_lung | drawn.left_lung


def extent(mask, axis):
    """How many columns (axis 0) or rows (axis 1) a mask spans."""
    return np.ptp(np.flatnonzero(mask.any(axis=axis))) + 1


def middle(mask):
    """(row, column) of the centre of a mask."""
    return np.argwhere(mask).mean(axis=0)


def measures(right, left, heart, mm):
    """Areas in cm2, width and height of the lungs in mm, width of the heart over that of the lungs."""
    both = right | left
    return {
        "right_lung": right.sum() * mm**2 / 100,
        "left_lung": left.sum() * mm**2 / 100,
        "heart": heart.sum() * mm**2 / 100,
        "width": extent(both, 0) * mm,
        "height": extent(both, 1) * mm,
        "heart_ratio": extent(heart, 0) / extent(both, 0),
    }


def lowest_rows(mask):
    """The last row of a mask in each of its columns, from the image's left on."""
    return np.array([np.flatnonzero(mask[:, column]).max() for column in np.flatnonzero(mask.any(axis=0))])


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def test_pixels_and_masks_have_their_types(drawn):
    """Pixels are float32 in [0, 1] and use the range; masks are uint8 in {0, 1} of the same shape."""
    for each in drawn:
        assert each.pixels.dtype == np.float32 and each.pixels.shape == (128, 128)
        assert each.pixels.min() >= 0 and each.pixels.max() <= 1 and np.ptp(each.pixels) > 0.8
        for mask in (each.right_lung, each.left_lung, each.heart):
            assert mask.dtype == np.uint8 and mask.shape == (128, 128) and set(np.unique(mask)) == {0, 1}


def test_masks_are_disjoint(drawn):
    """No pixel is in two of right lung, left lung and heart."""
    for each in drawn:
        assert (each.right_lung + each.left_lung + each.heart).max() == 1


def test_masks_are_one_piece_each(drawn):
    """Each mask is one region without holes, as scipy labels it."""
    for each in drawn:
        for mask in (each.right_lung, each.left_lung, each.heart):
            assert ndimage.label(mask, np.ones((3, 3)))[1] == 1
            assert (ndimage.binary_fill_holes(mask) == mask.astype(bool)).all()


def test_right_lung_is_on_the_left_of_the_image(drawn):
    """Right is the patient's, who faces the viewer; the heart lies between the lungs and points left."""
    for each in drawn:
        right, heart, left = (middle(mask)[1] for mask in (each.right_lung, each.heart, each.left_lung))
        assert right < heart < left
        assert left - heart < heart - right


def test_right_dome_stands_higher(drawn):
    """The liver lifts the right half of the diaphragm, so the right lung ends higher where none leans."""
    higher = []
    for each in [each for each in drawn if abs(each.meta["pose"]["tilt"]) < 0.02]:
        # As far from both walls, where neither heart nor aorta cut a lung off.
        right, left = lowest_rows(each.right_lung), lowest_rows(each.left_lung[:, ::-1])
        part = slice(len(right) // 8, 3 * len(right) // 8)
        higher.append(np.median(right[part]) < np.median(left[part]))
    assert len(higher) >= 8 and np.mean(higher) > 0.8


@pytest.mark.parametrize(
    ("organ", "low", "high"),
    # The 186 humans' outlines of JSRT, at 350 / 224 mm a pixel: 121 to 306, 97 to 263, 71 to 159 cm2.
    [("right_lung", 100, 306), ("left_lung", 80, 263), ("heart", 70, 180)],
)
def test_areas_are_those_of_adults(drawn, organ, low, high):
    """Areas in cm2, from the spacing, lie in the range that adults measure."""
    areas = [getattr(each, organ).sum() * each.spacing_mm[0] * each.spacing_mm[1] / 100 for each in drawn]
    assert low < min(areas) and max(areas) < high
    assert np.std(areas) > 0.08 * np.mean(areas)  # and they vary


def test_lungs_are_as_wide_as_those_of_adults(drawn):
    """Both lungs together span 20 to 35 cm (JSRT: 22.7 to 34.1), so the spacing is that of the drawing."""
    widths = [extent(lungs(each), 0) * each.spacing_mm[1] for each in drawn]
    assert min(widths) > 200 and max(widths) < 350


def test_hearts_are_as_wide_as_those_of_adults(drawn):
    """Heart to lungs: 0.33 to 0.63 (JSRT: 0.34 to 0.63), about 0.45 in the middle."""
    ratios = [extent(each.heart, 0) / extent(lungs(each), 0) for each in drawn]
    assert min(ratios) > 0.33 and max(ratios) < 0.63
    assert 0.41 < np.median(ratios) < 0.50


@pytest.mark.parametrize("measure", ["right_lung", "left_lung", "heart", "width", "height", "heart_ratio"])
def test_typical_sizes_are_those_outlined_by_humans(drawn, measure, cxrtk_data):
    """The median phantom lies between the quartiles of JSRT, or within a tenth of its median."""
    real = []
    for path in sorted((cxrtk_data / "jsrt" / "labels").glob("*.png")):
        labels = np.asarray(Image.open(path))
        # JSRT's plates are 35 cm wide; the files have 224 pixels.
        real.append(measures(labels == 1, labels == 2, labels == 3, 350 / labels.shape[1])[measure])
    made = [
        measures(each.right_lung, each.left_lung, each.heart, each.spacing_mm[0])[measure] for each in drawn
    ]
    low, median, high = np.percentile(real, [25, 50, 75])
    assert min(low, 0.9 * median) < np.median(made) < max(high, 1.1 * median)


def test_the_finding_follows_the_mask(drawn):
    """Cardiomegaly is written where the drawn heart is clearly wider than half of the lungs, nowhere else."""
    for each in drawn:
        ratio = extent(each.heart, 0) / extent(lungs(each), 0)
        if abs(ratio - 0.5) > 0.04:
            assert (each.meta["finding"] == "Cardiomegaly") == (ratio > 0.5)


def test_lungs_are_darker_than_heart_and_abdomen(drawn):
    """Brighter is denser: air in the lungs, blood and liver elsewhere."""
    for each in drawn:
        lung = each.pixels[lungs(each) > 0].mean()
        assert lung + 0.2 < each.pixels[each.heart > 0].mean()
        assert lung + 0.2 < each.pixels[-20:-8, 44:84].mean()


def test_lungs_border_on_the_mask(drawn):
    """A few mm inside its mask a lung is darker than as far outside, along the heart and the diaphragm."""
    for each in drawn:
        mask = each.right_lung.astype(bool)
        inside = mask & ~ndimage.binary_erosion(mask, iterations=4)
        outside = ndimage.binary_dilation(mask, iterations=4) & ~mask
        row, column = middle(mask)
        at = np.mgrid[:128, :128]
        towards_heart = (at[1] > column) & (np.abs(at[0] - row) < 20)
        below = at[0] > row + 25
        for part in (towards_heart, below):
            assert each.pixels[inside & part].mean() + 0.05 < each.pixels[outside & part].mean()


def test_a_threshold_finds_part_of_the_lungs(drawn):
    """`image < mean` between the outer borders of the lungs finds much of them, and more than them."""
    scores = []
    for each in drawn:
        columns = np.flatnonzero(lungs(each).any(axis=0))
        box = each.pixels[:, columns[0] : columns[-1] + 1]  # leaves the air beside the body out
        scores.append(dice(box < box.mean(), lungs(each)[:, columns[0] : columns[-1] + 1] > 0))
    assert 0.6 < np.mean(scores) < 0.95


@pytest.mark.parametrize("size", [64, 200])
def test_the_same_seed_draws_the_same(size):
    """Equal seeds, equal pixels and masks; another seed, others."""
    first, again, other = phantom.draw(7, size), phantom.draw(7, size), phantom.draw(8, size)
    for name in ("pixels", "right_lung", "left_lung", "heart"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
    assert first.meta == again.meta != other.meta


def test_the_global_generator_is_left_alone():
    """Drawing neither reads nor moves numpy's global random state."""
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    first = phantom.draw(5, 64)
    assert np.array_equal(before, np.random.get_state()[1])
    np.random.seed(4)
    assert np.array_equal(first.pixels, phantom.draw(5, 64).pixels)


def test_size_changes_the_sampling_only():
    """At another size the same patient lies in the same field: the masks agree when brought to one size."""
    small, large = phantom.draw(11, 128), phantom.draw(11, 256)
    assert small.spacing_mm[0] == pytest.approx(2 * large.spacing_mm[0])
    assert dice(lungs(small) > 0, lungs(large)[::2, ::2] > 0) > 0.97


def test_one_patient_in_two_images():
    """The same patient seed keeps sex, age and build, and changes pose and pixels."""
    one, two = (phantom.draw(seed, 64, patient_seed=1) for seed in (20, 21))
    assert one.meta["build"] == two.meta["build"] and one.meta["pose"] != two.meta["pose"]
    assert not np.array_equal(one.right_lung, two.right_lung)


def test_inverted_is_the_negative():
    """Asked for, the same image comes as its negative, with the same masks."""
    plain, negative = phantom.draw(3, 64), phantom.draw(3, 64, inverted=True)
    assert negative.pixels == pytest.approx(1 - plain.pixels, abs=1e-6)
    assert np.array_equal(plain.right_lung, negative.right_lung)
    assert (plain.meta["inverted"], negative.meta["inverted"]) == (False, True)


def test_describe_says_what_draw_says():
    """The description without drawing is that of the drawing."""
    for seed in (0, 5):
        about = phantom.describe(seed, patient_seed=9)
        assert about.items() <= phantom.draw(seed, 32, patient_seed=9).meta.items()
        assert about["sex"] in "MF" and 18 <= about["age"] <= 92 and about["view"] in ("PA", "AP")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": 0, "size": 31}, "at least 32 pixels, not 31"),
        ({"seed": -1}, "0 or more, not -1"),
        ({"seed": 0, "patient_seed": -2}, "0 or more, not 0 and -2"),
    ],
)
def test_refusals(arguments, message):
    """What cannot be drawn is refused, saying why."""
    with pytest.raises(ConfigError, match=message):
        phantom.draw(**arguments)


def test_the_smallest_still_shows_all():
    """At 32 pixels there still are two lungs and a heart."""
    tiny = phantom.draw(0, 32)
    assert min(mask.sum() for mask in (tiny.right_lung, tiny.left_lung, tiny.heart)) > 20
