"""Each step of the mask generators, on arrays small enough to work out by hand."""

import itertools
import math

import numpy as np
import pytest
import torch
from monai.data.meta_tensor import MetaTensor
from PIL import Image
from scipy import ndimage

from cxrtk import regions

RNG = np.random.default_rng(0)
EVERYWHERE = math.inf  # a window without end


def plane(values):
    """(H, W) values -> (1, H, W) float32."""
    return torch.tensor(np.asarray(values), dtype=torch.float32)[None]


def ellipse(row, column, half_height, half_width, size=256):
    y, x = np.mgrid[:size, :size]
    return ((y - row) / half_height) ** 2 + ((x - column) / half_width) ** 2 < 1


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


TWO_LUNGS = ellipse(125, 75, 80, 35) | ellipse(125, 185, 80, 35)


# --- the working grid


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (torch.zeros(4, 4), "(4, 4)"),
        (torch.zeros(3, 4, 4), "(3, 4, 4)"),
        (torch.zeros(1, 0, 4), "(1, 0, 4)"),
        (torch.zeros(1, 4, 4, dtype=torch.uint8), "uint8"),
        (torch.full((1, 4, 4), 1.5), "1.5"),
        (torch.full((1, 4, 4), -0.1), "-0.1"),
        (torch.tensor([[[0.0, math.nan]]]), "nan"),
    ],
)
def test_what_is_no_grey_image_is_refused(image, says):
    """A ValueError of one line says what is wrong."""
    with pytest.raises(ValueError, match=r"^A mask generator takes") as error:
        regions.check_image(image)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("shape", [(512, 512), (300, 411), (100, 60)])
def test_the_working_grid_is_pillows(shape):
    """Resizing is Pillow's antialiased bilinear one."""
    pixels = RNG.random(shape, dtype=np.float32)
    expected = np.asarray(Image.fromarray(pixels).resize((256, 256), Image.Resampling.BILINEAR))
    assert np.allclose(regions.to_working(plane(pixels))[0], expected, atol=1e-5)


def test_a_mask_grows_to_where_it_covers_half():
    """Doubled, the weights of one pixel fall as 1, 3/4, 1/4 each way: four pixels keep at least a half."""
    found = regions.to_source(plane([[1, 0], [0, 0]]), height=4, width=4)
    assert found[0].tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_the_contrast_lies_between_percentiles():
    """Of 0, 0.01, ... 1 the percentiles 1 and 99 are 0.01 and 0.99."""
    found = regions.percentile_range(plane([np.arange(101) / 100]))
    assert found == pytest.approx((0.01, 0.99))


def test_stretching_clips():
    """0.2 goes to 0, 0.6 to 1, and nothing goes beyond."""
    found = regions.stretch(plane([[0.1, 0.2, 0.3, 0.6, 0.9]]), 0.2, 0.6)
    assert found[0, 0].tolist() == pytest.approx([0, 0, 0.25, 1, 1])


def test_there_is_nothing_to_stretch_in_one_grey():
    """An empty range is an error, not a division by zero."""
    with pytest.raises(ValueError, match="No contrast"):
        regions.stretch(plane([[0.5, 0.5]]), 0.5, 0.5)


# --- the air outside


def body(size=64):
    """A bright body, columns 12 to 51, with one dark lung: rows 20 to 43, columns 20 to 31."""
    pixels = np.zeros((size, size))
    pixels[:, 12:52] = 0.8
    pixels[20:44, 20:32] = 0.1
    return pixels


def test_air_is_what_is_dark_from_the_border():
    """Both sides are air, with one pixel of the body's rim; the lung is none."""
    expected = np.ones((64, 64))
    expected[:, 13:51] = 0
    assert np.array_equal(regions.outside_air(plane(body()))[0], expected)


def test_a_bright_frame_does_not_hide_the_air():
    """With a white frame two pixels wide, the same is air."""
    framed = body()
    framed[:2] = framed[-2:] = 1
    framed[:, :2] = framed[:, -2:] = 1
    assert torch.equal(regions.outside_air(plane(framed)), regions.outside_air(plane(body())))


@pytest.mark.parametrize(("width", "leaks"), [(5, False), (6, False), (9, True)])
def test_only_a_wide_passage_lets_the_air_in(width, leaks):
    """Through a gap in the chest wall of more than twice three pixels, the lung is outside too."""
    open_ = body()
    open_[30 : 30 + width, 12:20] = 0.1
    assert bool(regions.outside_air(plane(open_))[0, 35, 28]) is leaks


def test_a_dark_region_in_the_middle_is_a_lung_even_where_it_is_cut_off():
    """It reaches the lower border, but more than a third of it lies in the middle: no air."""
    cropped = np.full((64, 64), 0.8)
    cropped[16:, 20:32] = 0.1
    assert not regions.outside_air(plane(cropped)).any()


# --- statistics under a window


def test_without_a_window_the_mean_is_numpys():
    """Of the pixels of weight 1; the others, however bright, do not count."""
    pixels, weight = RNG.random((9, 12)), RNG.random((9, 12)) > 0.4
    found = regions.local_mean(plane(pixels), plane(weight), window=EVERYWHERE)
    assert np.allclose(found, pixels[weight].mean(), atol=1e-6)


def test_with_a_window_the_mean_is_scipys():
    """A Gaussian filter of the weighted pixels over one of the weights, nothing beyond the border."""
    pixels, weight = RNG.random((40, 50)), (RNG.random((40, 50)) > 0.4).astype(float)

    def blur(values):
        return ndimage.gaussian_filter(values, 6.0, mode="constant", truncate=10)

    found = regions.local_mean(plane(pixels), plane(weight), window=6.0)
    assert np.allclose(found[0], blur(pixels * weight) / blur(weight), atol=1e-5)


def test_without_a_window_the_median_is_numpys():
    """To half a grey level of 64 at least, whatever the distribution."""
    pixels, weight = RNG.beta(2, 5, (64, 64)), RNG.random((64, 64)) > 0.4
    found = regions.local_median(plane(pixels), plane(weight), window=EVERYWHERE)
    assert np.allclose(found, np.median(pixels[weight]), atol=0.5 / 64)


def test_the_median_is_linear_between_grey_levels():
    """Of 0.1, ... 0.77 in equal steps it is 0.435, far from an edge of the 64 levels (27.84 of them)."""
    ramp = np.linspace(0.1, 0.77, 64 * 64).reshape(64, 64)
    found = regions.local_median(plane(ramp), torch.ones(1, 64, 64), window=EVERYWHERE)
    assert np.allclose(found, 0.435, atol=0.05 / 64)


def test_with_a_window_half_of_the_weight_lies_below_the_median():
    """Sorting the pixels by hand round one of the points where it is computed."""
    pixels = RNG.random((64, 64))
    found = regions.local_median(plane(pixels), torch.ones(1, 64, 64), window=8.0, every=1)
    y, x = np.mgrid[:64, :64]
    weight = np.exp(-0.5 * ((y - 20) ** 2 + (x - 40) ** 2) / 8.0**2).ravel()
    order = np.argsort(pixels.ravel())
    below = np.cumsum(weight[order])
    expected = pixels.ravel()[order][np.searchsorted(below, below[-1] / 2)]
    assert float(found[0, 20, 40]) == pytest.approx(expected, abs=0.5 / 64)


@pytest.mark.parametrize("centre", [None, 0.2])
def test_the_spread_is_the_rms_distance_from_the_centre(centre):
    """From the mean it is numpy's standard deviation."""
    pixels = RNG.random((20, 30))
    middle = pixels.mean() if centre is None else centre
    ones = torch.ones(1, 20, 30)
    found = regions.local_spread(plane(pixels), ones * middle, ones, window=EVERYWHERE)
    assert np.allclose(found, np.sqrt(((pixels - middle) ** 2).mean()), atol=1e-5)


# --- outlines


def test_votes_inside_count_by_area():
    """Of two cells the inner has weight 1/4, the outer 3/4."""
    assert regions.inside_sums(np.array([[1.0, -1.0]])).tolist() == [[0, 0.25, -0.5]]


def test_the_rise_is_highest_at_the_edge():
    """Between the dark and the bright cells it is 1, elsewhere 0."""
    found = regions.outward_rise(np.array([[0.0, 0.0, 1.0, 1.0]]), reach=1)
    assert found.tolist() == [[0, 0, 1, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_the_best_outline_is_the_best_of_all_closed_ones(seed):
    """Every closed outline over six rays and four radii is tried, where one of them stands out."""
    rng = np.random.default_rng(seed)
    score = rng.random((6, 4))
    score[np.arange(6), [1, 2, 2, 3, 2, 1]] += 2
    closed = [
        path
        for path in itertools.product(range(4), repeat=6)
        if all(abs(path[ray] - path[ray - 1]) <= 1 for ray in range(6))
    ]
    earned = [score[np.arange(6), path].sum() for path in closed]
    outline, total = regions.best_outlines(score[None], step=1)
    assert tuple(outline[0]) == closed[int(np.argmax(earned))]
    assert total[0] == pytest.approx(max(earned))


def test_an_outline_cannot_jump():
    """A single ray's lure five radii out is passed by, as one step is allowed."""
    score = np.zeros((1, 12, 8))
    score[0, :, 2] = 1
    score[0, 6, 7] = 5
    assert regions.best_outlines(score, step=1)[0].tolist() == [[2] * 12]


def test_a_circle_on_the_grid_is_an_ellipse_in_the_image():
    """Half of the way on each ray: an area of pi times 65 times 32.5 pixels."""
    grid = regions.PolarGrid()
    area = grid.fill(np.full(128, 36.0), 128, 120, shape=(256, 256)).sum()
    assert area == pytest.approx(math.pi * 65 * 32.5, rel=0.01)
    assert grid.cell_lengths()[[0, 32]] == pytest.approx([65 / 72, 130 / 72])


def test_dents_are_closed_and_the_margin_is_in_pixels():
    """A dent three rays wide goes; two pixels are 2 / (65 / 72) cells on a horizontal ray."""
    outline = np.full(128, 30.0)
    outline[40:43] = 20
    found = regions.smooth_outline(outline, regions.LungShape(closing=9, margin=2.0))
    assert found[0] == pytest.approx(30 + 2 * 72 / 65)
    assert regions.smooth_outline(outline, regions.LungShape(margin=0.0)).tolist() == [30.0] * 128


# --- lungs


def test_seeds_lie_in_the_lungs():
    """The two highest are near the middles of the two lungs."""
    seeds = regions.lung_seeds(plane(np.where(TWO_LUNGS, 1.0, -1.0)), count=2)
    assert sorted(seed[1] for seed in seeds) == pytest.approx([75, 185], abs=5)
    assert [seed[0] for seed in seeds] == pytest.approx([125, 125], abs=8)


def test_seeds_keep_their_distance():
    """In one wide field of votes, no two peaks lie within the distance of each other."""
    seeds = regions.lung_seeds(torch.ones(1, 256, 256), count=6, distance=(40, 25))
    assert len(seeds) == 6
    for one, other in itertools.combinations(seeds, 2):
        assert abs(one[0] - other[0]) > 40 or abs(one[1] - other[1]) > 25


@pytest.mark.parametrize("shift", [-30, 0, 30])
def test_the_midline_lies_between_the_lungs(shift):
    """Wherever the lungs lie, it is the middle of the gap between them."""
    votes = np.roll(np.where(TWO_LUNGS, 1.0, -1.0), shift, axis=1)
    assert regions.midline(plane(votes)) == pytest.approx(130 + shift, abs=3)


def test_a_lung_does_not_cross_the_midline():
    """One field of votes with a faint gap of seven columns becomes two lungs, cut apart there."""
    votes = np.full((256, 256), -1.0)
    votes[60:190, 60:196] = 1
    votes[:, 125:132] = -0.2
    left, right = regions.grow_lungs(plane(votes), plane(-votes), regions.LungShape(margin=0.0))
    assert regions.midline(plane(votes)) == pytest.approx(128, abs=2)
    assert left[..., 90:120].any()
    assert right[..., 140:170].any()
    assert not left[..., 132:].any()
    assert not right[..., :125].any()


@pytest.mark.parametrize("ribs", [False, True])
def test_a_lung_is_grown_whole(ribs):
    """An ellipse of votes is found, also where ribs across it vote against."""
    lung = ellipse(120, 80, 80, 35)
    votes = np.where(lung, 1.0, -1.0)
    if ribs:
        votes[60:180:20] = votes[61:180:20] = votes[62:180:20] = -1
    exact = regions.LungShape(margin=0.0)
    found = regions.grow_lung(plane(votes), plane(-votes), [(120.0, 80.0)], exact)[0].numpy() > 0
    assert dice(found, lung) > 0.97
    assert found[60:63, 80].all()


def test_a_speck_is_no_lung():
    """A region smaller than the least gives an empty mask."""
    votes = np.where(ellipse(120, 80, 8, 8), 1.0, -1.0)
    assert not regions.grow_lung(plane(votes), plane(-votes), [(120.0, 80.0)], regions.LungShape()).any()


def test_no_seed_no_lung():
    """Nothing to start from gives an empty mask."""
    assert not regions.grow_lung(torch.ones(1, 64, 64), torch.zeros(1, 64, 64), [], regions.LungShape()).any()


# --- the whole way

DRAWN = np.where(TWO_LUNGS, 0.3, 0.8)  # no air, and no pixel that percentiles would clip


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_drawn_lungs_are_found(statistic):
    """Two dark ellipses in a bright field, with noise, are the mask; 2.5 pixels all round alone cost 0.05."""
    noisy = np.clip(DRAWN + RNG.normal(0, 0.05, DRAWN.shape), 0, 1)
    found = regions.threshold_lungs(plane(noisy), statistic)
    assert dice(found[0].numpy() > 0, TWO_LUNGS) > 0.9


@pytest.mark.parametrize(("scale", "offset"), [(0.5, 0.3), (0.1, 0.0), (0.01, 0.9)])
def test_contrast_and_brightness_do_not_matter(scale, offset):
    """The mask of a * image + b is that of the image, but for single pixels on its border."""
    noisy = np.clip(DRAWN + RNG.normal(0, 0.05, DRAWN.shape), 0, 1)
    first = regions.threshold_lungs(plane(noisy), "mean")
    second = regions.threshold_lungs(plane(noisy * scale + offset), "mean")
    assert (first != second).float().mean() < 1e-3


def test_size_does_not_matter():
    """Twice as large, each pixel four times, the mask is the same picture."""
    first = regions.threshold_lungs(plane(DRAWN), "mean")[0].numpy() > 0
    second = regions.threshold_lungs(plane(DRAWN.repeat(2, 0).repeat(2, 1)), "mean")[0].numpy() > 0
    assert dice(first.repeat(2, 0).repeat(2, 1), second) > 0.99


def test_the_global_threshold_is_the_mean_of_the_body():
    """Without air and without clipping that is the mean of all pixels; the median is the brighter grey."""
    everywhere = regions.ThresholdSettings(window=None)
    mean = regions.threshold_lungs(plane(DRAWN), "mean", everywhere).meta["statistics"]["threshold"]
    median = regions.threshold_lungs(plane(DRAWN), "median", everywhere).meta["statistics"]["threshold"]
    assert mean == pytest.approx(DRAWN.mean(), abs=1e-4)
    assert median == pytest.approx(0.8, abs=0.5 / 64)


def test_what_an_image_knows_stays_with_its_mask():
    """The entries of a MetaTensor's meta are there beside the statistics."""
    image = MetaTensor(plane(DRAWN), meta={"filename_or_obj": "a.png"})
    meta = regions.threshold_lungs(image, "mean").meta
    assert meta["filename_or_obj"] == "a.png"
    assert "statistics" in meta
    assert "statistics" not in image.meta


def test_another_statistic_is_refused():
    """By name, with those there are."""
    with pytest.raises(ValueError, match="mean, median, not 'mode'"):
        regions.threshold_lungs(plane(DRAWN), "mode")


@pytest.mark.parametrize("wrong", [{"window": 0.0}, {"gain": -1.0}, {"air": 0.0}, {"smoothing": -1.0}])
def test_settings_without_sense_are_refused(wrong):
    """Where they are made, and by name."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        regions.ThresholdSettings(**wrong)
