"""Masks that do not fit their pictures, by kind, on phantoms and on hand-drawn masks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from cxrtk import Label, readers
from cxrtk.data.check.agreement import AS_IT_IS, CHANGES, Agreement, agreements
from cxrtk.data.check.expected import expected_masks
from cxrtk.data.check.misfits import habits, misfit

CLASSES = {"lungs": ("lungs",), "classes": ("right_lung", "left_lung", "heart")}
TURNS = [change for change in CHANGES if change != AS_IT_IS]
Pair = tuple[np.ndarray, np.ndarray]  # expected, masks of the three classes


@cache
def drawn() -> list[Pair]:
    """Twelve phantoms."""
    reader = readers.create("phantom", root="", count=12)
    return [
        (expected_masks(reader.read(item["image"]).pixels), reader.read_label(item).masks)
        for item in reader.items()
    ]


@cache
def real(root: str) -> list[Pair]:
    """Twenty radiographs of a source that the expectation was not fitted on."""
    reader = readers.create("image_mask_folder", root=root)
    return [
        (expected_masks(reader.read(item["image"]).pixels), reader.read_label(item).masks)
        for item in reader.items()[::9][:20]
    ]


@pytest.fixture(params=["phantoms", "radiographs"])
def pairs(request: pytest.FixtureRequest) -> list[Pair]:
    """Both sets, one after the other."""
    return (
        drawn() if request.param == "phantoms" else real(str(request.getfixturevalue("cxrtk_data") / "jsrt"))
    )


def compared(pair: Pair, masks: np.ndarray, classes: str) -> list[Agreement]:
    shown = masks.max(axis=0, keepdims=True) if classes == "lungs" and len(masks) < 3 else masks
    if classes == "lungs":
        shown = masks[:2].max(axis=0, keepdims=True)
    return agreements(Label(np.ascontiguousarray(shown), CLASSES[classes], "human", "excluded"), pair[0])


def codes(found: Sequence[Sequence[Agreement]]) -> list[str]:
    return [judged.code for each in found if (judged := misfit(each)) is not None]


@pytest.mark.parametrize("classes", CLASSES)
def test_right_masks_fit(pairs: list[Pair], classes: str) -> None:
    """None is named, and the set has no habit."""
    found = [compared(pair, pair[1], classes) for pair in pairs]
    assert codes(found) == [] and list(habits(found)) == []


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("change", TURNS)
def test_turned_and_mirrored_masks(pairs: list[Pair], classes: str, change: str) -> None:
    """Every one is named, and the habit with the change that undoes it."""
    found = [compared(pair, np.stack([CHANGES[change](mask) for mask in pair[1]]), classes) for pair in pairs]
    assert codes(found) == ["mask_turned"] * len(pairs)
    first, *_ = habits(found)
    back = {"turned by 90 degrees": "turned by 270 degrees", "turned by 270 degrees": "turned by 90 degrees"}
    assert (
        first.code == "masks_turned"
        and f"fit their pictures better {back.get(change, change)};" in first.detail
    )


@pytest.mark.parametrize("by", [(0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05), (0.1, 0.1)])
def test_shifted_masks(pairs: list[Pair], by: tuple[float, float]) -> None:
    """Of those shifted by 5 % nine in ten are named at least, and the habit with its direction."""
    found = []
    for pair in pairs:
        offset = np.multiply(by, pair[1].shape[1:])
        found.append(
            compared(pair, np.stack([ndimage.shift(mask, offset, order=0) for mask in pair[1]]), "lungs")
        )
    assert codes(found).count("mask_shifted") >= 0.9 * len(pairs)
    (habit,) = habits(found)
    down, right = by
    ways = [("down" if down > 0 else "up")] * bool(down) + [("right" if right > 0 else "left")] * bool(right)
    assert habit.code == "masks_shifted" and all(way in habit.detail for way in ways)


def test_exchanged_masks(cxrtk_data) -> None:
    """Of masks of the next patient most are named, and the habit."""
    pairs = real(str(cxrtk_data / "jsrt"))
    found = [
        compared(pair, other[1], "lungs") for pair, other in zip(pairs, pairs[1:] + pairs[:1], strict=True)
    ]
    assert len(codes(found)) >= 0.8 * len(pairs)
    assert "masks_elsewhere" in [issue.code for issue in habits(found)]


@pytest.mark.parametrize(("place", "name"), [(0, "right lung"), (1, "left lung"), (2, "heart")])
def test_each_class_apart(cxrtk_data, place: int, name: str) -> None:
    """A class that alone is upside down is named, by itself where it is not part of the lungs' outline."""
    pairs = real(str(cxrtk_data / "jsrt"))
    found = []
    for pair in pairs:
        masks = pair[1].copy()
        masks[place] = masks[place][::-1]
        found.append(compared(pair, masks, "classes"))
    assert len(codes(found)) >= 0.9 * len(pairs)
    assert any(name in issue.detail for issue in habits(found))


@pytest.mark.parametrize("mask", [np.zeros((1, 64, 64), np.uint8), np.ones((1, 64, 64), np.uint8)])
def test_empty_and_full_masks_are_another_issue(mask: np.ndarray) -> None:
    """They are not compared."""
    assert agreements(Label(mask, ("lungs",), "human"), drawn()[0][0]) == []


def test_other_classes_are_not_compared() -> None:
    """Nothing is expected of them."""
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[:, 10:20, 10:20] = 1
    assert agreements(Label(mask, ("pneumothorax",), "human"), drawn()[0][0]) == []
