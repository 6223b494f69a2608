"""Run lengths: the published examples of each coding, an independent decoder, and what is refused."""

import numpy as np
import pytest
from pycocotools import mask as coco_api

from cxrtk import labels


def inside(mask: np.ndarray) -> list[int]:
    """Numbers of the pixels that are 1, counted from 1 down the columns."""
    return (np.flatnonzero(mask.T.ravel()) + 1).tolist()


def masks(count: int = 60) -> list[np.ndarray]:
    """Masks of odd sizes: empty, full, sparse and dense ones among them."""
    random = np.random.default_rng(0)
    sizes = random.integers(8, 60, (count, 2))
    made = [(random.random(tuple(size)) < random.random()).astype(np.uint8) for size in sizes]
    return [np.zeros((9, 11), np.uint8), np.ones((9, 11), np.uint8), *made]


def runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts, from 0 down the columns, and ends of the runs of ones, by the definition."""
    steps = np.diff(np.concatenate([[0], mask.T.ravel().astype(int), [0]]))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def test_kaggle_s_own_example() -> None:
    """'1 3 10 5' are the pixels 1, 2, 3, 10, 11, 12, 13, 14, and 2 lies below 1.

    So the evaluation pages of its segmentation challenges, such as the Data Science Bowl 2018: pixels are
    numbered from top to bottom, then left to right: 1 is pixel (1, 1), 2 is pixel (2, 1).
    """
    mask = labels.decode_pairs("1 3 10 5", 7, 4)
    assert inside(mask) == [1, 2, 3, 10, 11, 12, 13, 14]
    assert mask[:3, 0].tolist() == [1, 1, 1]


def test_the_example_of_the_coco_api() -> None:
    """Of M=[0 0 1 1 1 0 1] the counts are [2 3 1 1], of M=[1 1 1 1 1 1 0] they are [0 6 1].

    So the documentation in pycocotools/mask.py.
    """
    assert labels.decode_coco([2, 3, 1, 1], 7, 1)[:, 0].tolist() == [0, 0, 1, 1, 1, 0, 1]
    assert labels.decode_coco([0, 6, 1], 7, 1)[:, 0].tolist() == [1, 1, 1, 1, 1, 1, 0]


def test_the_organisers_function_of_siim_acr() -> None:
    """A gap of 5, 2 pixels, a gap of 4, 3 pixels begin at the sixth and at the twelfth pixel.

    `rle2mask` in the organisers' mask_functions.py adds each start to the end of the run before it, and turns
    the array, as pixels run down the columns.
    """
    mask = labels.decode_relative("5 2 4 3", 7, 3)
    assert inside(mask) == [6, 7, 12, 13, 14]


@pytest.mark.parametrize("mask", masks(), ids=lambda mask: f"{mask.shape} {mask.mean():.2f}")
def test_all_codings_give_the_same_mask(mask: np.ndarray) -> None:
    """Pairs and gaps are made from the definition, counts by pycocotools."""
    height, width = mask.shape
    starts, ends = runs(mask)
    gaps = starts - np.concatenate([[0], ends[:-1]])[: len(starts)]
    pairs = " ".join(f"{start + 1} {end - start}" for start, end in zip(starts, ends, strict=True))
    relative = " ".join(f"{gap} {end - start}" for gap, start, end in zip(gaps, starts, ends, strict=True))
    packed = coco_api.encode(np.asfortranarray(mask))["counts"]
    turns = np.concatenate([[0], np.ravel(np.column_stack([starts, ends])), [mask.size]])
    for decoded in (
        labels.decode_pairs(pairs, height, width),
        labels.decode_pairs(by_rows(mask), height, width, by_rows=True),
        labels.decode_relative(relative, height, width),
        labels.decode_coco(packed, height, width),
        labels.decode_coco(packed.decode(), height, width),
        labels.decode_coco(np.diff(turns).tolist(), height, width),
    ):
        assert decoded.dtype == np.uint8
        assert np.array_equal(decoded, mask)


def by_rows(mask: np.ndarray) -> str:
    starts, ends = runs(np.ascontiguousarray(mask.T))
    return " ".join(f"{start + 1} {end - start}" for start, end in zip(starts, ends, strict=True))


@pytest.mark.parametrize("decode", [labels.decode_pairs, labels.decode_relative])
@pytest.mark.parametrize("text", ["", " ", "-1", " -1 "])
def test_no_run_is_an_empty_mask(decode, text: str) -> None:
    """Blank, or the -1 that SIIM-ACR writes."""
    assert not decode(text, 5, 4).any()


@pytest.mark.parametrize(
    ("decode", "text", "said"),
    [
        (labels.decode_pairs, "1 3 10", "3 numbers, which are not pairs"),
        (labels.decode_pairs, "1 3 2 1", "run 2 .* begins before"),
        (labels.decode_pairs, "19 3", "ends behind the last"),
        (labels.decode_pairs, "1 x", "'x', which is not an integer"),
        (labels.decode_relative, "1 3 1", "not pairs of gap and length"),
        (labels.decode_relative, "1 0", "run 1 is empty"),
        (labels.decode_relative, "1 3 10 9", "run 2 ends behind"),
        (labels.decode_relative, "-1 3", "'-1', which is not an integer"),
        (labels.decode_coco, [2, 3], "holds 5 pixels, not 4 x 5 = 20"),
        (labels.decode_coco, [2, -3, 21], "below 0"),
        (labels.decode_coco, [2.0, 18], "not a list of integers"),
        (labels.decode_coco, {"a": 1}, "not a list of integers"),
        (labels.decode_coco, "122", "holds 5 pixels"),
        (labels.decode_coco, "1 2", "the character ' '"),
        (labels.decode_coco, "o", "cut within a number"),
        (labels.decode_coco, "o" * 40, "the character 'o'"),
    ],
)
def test_what_is_no_mask_is_refused(decode, text, said: str) -> None:
    """The message is a phrase that says what is wrong."""
    with pytest.raises(ValueError, match=said):
        decode(text, 5, 4)


@pytest.mark.parametrize("decode", [labels.decode_pairs, labels.decode_relative, labels.decode_coco])
def test_a_lie_about_the_size_takes_no_memory(decode) -> None:
    """The size is looked at before anything is made."""
    with pytest.raises(ValueError, match="claims a picture of 1000000 x 1000000"):
        decode("1 1", 10**6, 10**6)
