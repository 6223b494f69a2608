"""Maps against boxes: every expected number is worked out by hand, in the comment or the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.measure import label, regionprops
from skimage.transform import resize

from cxrtk import phantom
from cxrtk.data.boxes import FindingBox, read_boxes, scale_box
from cxrtk.errors import ConfigError, DataError, NonFiniteError
from cxrtk.evaluation.localisation import localise, overlaps, region_boxes, resize_map


def _box(x: float, y: float, width: float, height: float, finding: str = "Mass") -> FindingBox:
    return FindingBox("00000001_000.png", finding, x, y, width, height)


def _spot(*places: tuple[int, int], shape: tuple[int, int] = (10, 10)) -> np.ndarray:
    heat = np.zeros(shape)
    for row, column in places:
        heat[row, column] = 1
    return heat


@pytest.mark.parametrize(
    ("places", "boxes", "tolerance", "hit"),
    [
        ([(5, 5)], [(4, 4, 3, 3)], 0, True),
        ([(5, 5)], [(5, 5, 1, 1)], 0, True),  # the pixel itself
        ([(5, 5)], [(6, 5, 2, 2)], 0, False),  # the next column
        ([(5, 5)], [(5.6, 5, 2, 2)], 0, False),  # the pixel's centre lies at 5.5
        ([(5, 5)], [(5.4, 5, 2, 2)], 0, True),
        ([(5, 5)], [(7, 5, 2, 2)], 1.5, True),  # 1.5 pixels from the centre
        ([(5, 5)], [(7, 5, 2, 2)], 1.4, False),
        ([(5, 5)], [(8.5, 9.5, 1, 0.5)], 5.0, True),  # 3 across and 4 down
        ([(5, 5)], [(8.5, 9.5, 1, 0.5)], 4.9, False),
        ([(5, 5)], [(0, 0, 2, 2), (4, 4, 3, 3)], 0, True),  # the second of two boxes
        ([(0, 0)], [(0, 0, 1, 1)], 0, True),  # the corner of the image
        ([(9, 9)], [(9, 9, 1, 1)], 0, True),
        ([(9, 9)], [(0, 0, 9, 10)], 0, False),
        ([(2, 2), (7, 7)], [(2, 2, 1, 1)], 0, False),  # one of two equal maxima lies outside
        ([(2, 2), (7, 7)], [(2, 2, 1, 1), (7, 7, 1, 1)], 0, True),
        ([(2, 2), (7, 7)], [(1, 1, 8, 8)], 0, True),
    ],
)
def test_pointing(
    places: list[tuple[int, int]],
    boxes: list[tuple[float, float, float, float]],
    tolerance: float,
    hit: bool,
) -> None:
    """A hit is a maximum in a box, or not further from one than the tolerance; equal maxima must all hit."""
    case = localise(_spot(*places), [_box(*box) for box in boxes], (10, 10), tolerance=tolerance)
    assert case.pointing is hit
    assert case.contrast


@pytest.mark.parametrize(
    ("boxes", "tolerance", "expected"),
    [
        ([(0, 0, 5, 4)], 0, 0.20),
        ([(0, 0, 5, 4), (3, 0, 5, 4)], 0, 0.32),  # 8 x 4 together
        ([(0, 0, 10, 10)], 0, 1.0),
        ([(4, 4, 2, 2)], 0.5, 0.12),  # 4 pixels, and 2 on each of the 4 sides, but no corner
        ([(4, 4, 2, 2)], 0.75, 0.16),  # corners lie sqrt(0.5) = 0.707 off
    ],
)
def test_chance(boxes: list[tuple[float, float, float, float]], tolerance: float, expected: float) -> None:
    """A blind point wins with the share of pixels that are in a box or near one."""
    case = localise(_spot((5, 5)), [_box(*box) for box in boxes], (10, 10), tolerance=tolerance)
    assert case.chance == pytest.approx(expected)


@pytest.mark.parametrize(
    ("regions", "boxes", "ious", "iobbs"),
    [
        # One region of 4 x 4, equal to the box.
        ([(2, 2, 4, 4)], [(2, 2, 4, 4)], [1], [1]),
        # Shifted by 2: 2 x 4 shared of 16 + 16 - 8 = 24, and of 16.
        ([(2, 2, 4, 4)], [(4, 2, 4, 4)], [8 / 24], [8 / 16]),
        # Inside a box of 8 x 8: 16 of 64, and all of it.
        ([(2, 2, 4, 4)], [(1, 1, 8, 8)], [0.25], [1]),
        # Round a box of 2 x 2: 4 of 16, twice.
        ([(2, 2, 4, 4)], [(3, 3, 2, 2)], [0.25], [0.25]),
        # Touching edges share nothing.
        ([(2, 2, 4, 4)], [(6, 2, 3, 4)], [0], [0]),
        # Two regions, one box: one hits, one does not.
        ([(0, 0, 3, 3), (7, 7, 3, 3)], [(0, 0, 3, 3)], [1, 0], [1, 0]),
        # Two regions, two boxes: each takes its better one. 1 x 3 of 9 + 6 - 3, of 9; then 9 of 9.
        ([(0, 0, 3, 3), (7, 7, 3, 3)], [(2, 0, 2, 3), (7, 7, 3, 3)], [0.25, 1], [1 / 3, 1]),
        # A region that touches two borders of the image.
        ([(6, 8, 4, 2)], [(5, 7, 5, 3)], [8 / 15], [1]),
        # All rows of two columns.
        ([(0, 0, 2, 10)], [(0, 0, 4, 5)], [10 / 30], [10 / 20]),
        # Regions that meet at a corner are one of 4 x 4.
        ([(2, 2, 2, 2), (4, 4, 2, 2)], [(2, 2, 4, 4)], [1], [1]),
    ],
)
def test_overlaps_of_regions(
    regions: list[tuple[int, int, int, int]],
    boxes: list[tuple[int, int, int, int]],
    ious: list[float],
    iobbs: list[float],
) -> None:
    """Regions of a map (x, y, width, height) against boxes, worked out by hand."""
    heat = np.zeros((10, 10))
    for x, y, width, height in regions:
        heat[y : y + height, x : x + width] = 1
    case = localise(heat, [_box(*box) for box in boxes], (10, 10))
    assert case.ious == pytest.approx(ious)
    assert case.iobbs == pytest.approx(iobbs)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.2, [[0, 0, 6, 1]]),
        (0.5, [[0, 0, 2, 1], [4, 0, 6, 1]]),
        (0.75, [[1, 0, 2, 1], [4, 0, 5, 1]]),
        (1.0, [[1, 0, 2, 1]]),
    ],
)
def test_a_share_is_one_of_the_range(share: float, expected: list[list[int]]) -> None:
    """-2 ... 2: a share of 0.5 cuts at 0, 0.75 at 1; a value at the cut belongs to the region."""
    heat = np.array([[0.0, 2.0, -1.0, -1.0, 1.0, 0.5], [-2.0] * 6])
    assert region_boxes(heat, (share,)).tolist() == expected


def test_regions_of_both_cuts_count_once_each() -> None:
    """A peak on a plateau gives the plateau's box and the peak's; a lone peak gives one box."""
    heat = np.zeros((10, 10))
    heat[1:5, 1:5] = 0.5
    heat[2, 2] = 1
    assert region_boxes(heat).tolist() == [[1, 1, 5, 5], [2, 2, 3, 3]]
    assert region_boxes(_spot((3, 6))).tolist() == [[6, 3, 7, 4]]


def test_regions_are_skimages() -> None:
    """On smooth random maps scikit-image's connected components have the same boxes."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        heat = resize(rng.random((7, 9)), (60, 80), order=1)
        cut = heat.min() + 0.6 * (heat.max() - heat.min())
        expected = [region.bbox for region in regionprops(label(heat >= cut, connectivity=2))]
        found = region_boxes(heat, (0.6,))[:, [1, 0, 3, 2]]
        assert sorted(map(tuple, found.tolist())) == sorted(expected)


def test_overlaps_are_those_of_counted_pixels() -> None:
    """For boxes on whole pixels, intersection and union counted pixel by pixel."""
    rng = np.random.default_rng(4)
    corners = np.sort(rng.integers(0, 20, (12, 2, 2)), axis=1)
    corners[:, 1] += 1
    edges = corners.reshape(12, 4).astype(float)
    masks = []
    for left, upper, right, lower in edges.astype(int):
        mask = np.zeros((21, 21), bool)
        mask[upper:lower, left:right] = True
        masks.append(mask)
    iou, iobb = overlaps(edges[:6], edges[6:])
    for row in range(6):
        for column in range(6):
            a, b = masks[row], masks[6 + column]
            assert iou[row, column] == pytest.approx((a & b).sum() / (a | b).sum())
            assert iobb[row, column] == pytest.approx((a & b).sum() / a.sum())


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, 1e9, 1e-9])
def test_a_map_without_contrast_hits_nothing(value: float) -> None:
    """A constant map, also with rounding on it, wins nothing, even where the box is the whole image."""
    heat = np.full((7, 7), value) * (1 + 1e-12 * np.arange(49).reshape(7, 7))
    case = localise(heat, [_box(0, 0, 64, 64)], (64, 64))
    assert not case.contrast and not case.pointing
    assert case.ious == () and case.iobbs == ()
    assert case.chance == 1.0


def test_a_faint_map_has_contrast() -> None:
    """Only the shape of a map counts, not how large its numbers are or where they lie."""
    heat = _spot((5, 5))
    plain = localise(heat, [_box(4, 4, 3, 3)], (10, 10))
    assert plain.pointing
    for other in (1e-20 * heat, 1e6 * heat - 5e5, heat - 1000):
        assert localise(other, [_box(4, 4, 3, 3)], (10, 10)) == plain


@pytest.mark.parametrize(("cell", "expected"), [((1, 2), (12, 20)), ((0, 0), (4, 4)), ((3, 3), (28, 28))])
def test_a_coarse_map_lies_over_the_image(cell: tuple[int, int], expected: tuple[int, int]) -> None:
    """The peak of a 4 x 4 map lies round the middle of its cell of 8 x 8 pixels, at borders too."""
    row, column = expected
    coarse = _spot(cell, shape=(4, 4))
    assert localise(coarse, [_box(column - 4, row - 4, 8, 8)], (32, 32)).pointing
    # Moved by a cell the box holds no maximum.
    assert not localise(coarse, [_box((column + 4) % 32, row - 4, 8, 8)], (32, 32)).pointing


def test_resized_as_skimage_does() -> None:
    """Bilinear, as scikit-image resizes with its edges repeated."""
    heat = np.random.default_rng(5).random((8, 7))
    expected = resize(heat, (64, 63), order=1, mode="edge", anti_aliasing=False)
    assert resize_map(heat, (64, 63)) == pytest.approx(expected, abs=1e-12)


def test_a_map_is_not_changed() -> None:
    """The caller's array is left as it was."""
    heat = _spot((5, 5))
    before = heat.copy()
    localise(heat, [_box(4, 4, 3, 3)], (10, 10))
    assert np.array_equal(heat, before)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_map_that_is_no_number_is_refused(value: float) -> None:
    """NaN has no maximum; it is an error, not a miss."""
    heat = _spot((5, 5))
    heat[0, 0] = value
    with pytest.raises(NonFiniteError, match="NaN or an infinite"):
        localise(heat, [_box(4, 4, 3, 3)], (10, 10))


@pytest.mark.parametrize(
    ("boxes", "heat", "message"),
    [
        ([], _spot((5, 5)), "one finding on one image"),
        ([_box(1, 1, 2, 2), _box(1, 1, 2, 2, "Nodule")], _spot((5, 5)), "one finding on one image"),
        ([_box(1, 1, 2, 2)], np.zeros((1, 4, 4)), r"\(1, 4, 4\)"),
        ([_box(1, 1, 2, 2)], np.zeros((0, 4)), r"\(0, 4\)"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    boxes: list[FindingBox], heat: np.ndarray, message: str
) -> None:
    """Boxes of several findings and maps of another rank are refused."""
    with pytest.raises(DataError, match=message):
        localise(heat, boxes, (10, 10))


@pytest.mark.parametrize(
    "options", [{"tolerance": -1}, {"shares": ()}, {"shares": (0.0,)}, {"shares": (1.1,)}]
)
def test_settings_out_of_range(options: dict[str, float]) -> None:
    """A negative tolerance and shares that cut nothing, or all, are refused."""
    with pytest.raises(ConfigError, match="tolerance goes from 0 on"):
        localise(_spot((5, 5)), [_box(1, 1, 2, 2)], (10, 10), **options)


def test_exact_maps_of_planted_findings_hit(tmp_path: Path) -> None:
    """On phantoms the masks of nodules and masses, taken as maps, win all; their negatives win nothing."""
    folder = phantom.write_nih(tmp_path / "set", 12, seed=2, size=128, findings=True)
    by_case: dict[tuple[str, str], list[FindingBox]] = {}
    for box in read_boxes(folder / "BBox_List_2017.csv"):
        if box.finding in ("Nodule", "Mass"):
            by_case.setdefault((box.stem, box.finding), []).append(scale_box(box, (128, 128)))
    assert len(by_case) >= 3
    for (stem, finding), boxes in by_case.items():
        heat = np.asarray(Image.open(folder / "findings" / f"{stem}_{finding}.png"), np.float64)
        case = localise(heat, boxes, (128, 128))
        assert case.pointing and case.ious == (1.0,) * len(boxes) and case.iobbs == case.ious
        assert case.chance == pytest.approx(sum(box.area for box in boxes) / 128**2)
        negative = localise(1 - heat, boxes, (128, 128))
        assert not negative.pointing and max(negative.ious) < 0.1
