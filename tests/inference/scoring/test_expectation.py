"""Where a model expects the organs, for the comparison of masks with their pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxrtk import ConfigError, Label, readers
from cxrtk.data.check.agreement import agreements
from cxrtk.data.check.expected_features import SIDE
from cxrtk.data.check.misfits import misfit
from cxrtk.inference.scoring.expectation import Expectation
from cxrtk.models.find import find_model


class Given:
    """A predictor whose probabilities are given."""

    def __init__(self, probabilities: np.ndarray) -> None:
        self.probabilities = probabilities

    def __call__(self, images: list[np.ndarray]) -> np.ndarray:
        return self.probabilities[None]


RIGHT, LEFT, HEART = np.zeros((3, 2 * SIDE, 2 * SIDE), np.float32)
RIGHT[20:100, 15:55] = 1
LEFT[20:100, 70:115] = 1
HEART[60:100, 50:80] = 1
PICTURE = np.zeros((8, 8), np.float32)


def expected(model, classes, heart, probabilities) -> np.ndarray:
    spec = replace(model.spec, classes=classes, heart=heart, temperature=(), trained={}, quality={})
    expectation = Expectation(replace(model, spec=spec))
    expectation._predictor = Given(np.stack(probabilities))
    return expectation(PICTURE)


def half(mask: np.ndarray) -> np.ndarray:
    return mask.reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3))


def test_one_class_is_parted_and_only_of_its_convention(model_file) -> None:
    """Lungs that are one output lie on two sides; of all else the model says nothing."""
    model = find_model(str(model_file))
    for heart, known, unknown in (("excluded", [0, 1], [2, 3, 4]), ("included", [3, 4], [0, 1, 2])):
        found = expected(model, ("lungs",), heart, [RIGHT + LEFT])
        assert np.array_equal(found[known], [half(RIGHT), half(LEFT)])
        assert np.isnan(found[unknown]).all()


def test_sides_and_heart(model_file) -> None:
    """They are taken as they are, and united where the masks run through the heart."""
    model = find_model(str(model_file))
    found = expected(model, ("right_lung", "left_lung", "heart"), "excluded", [RIGHT, LEFT, HEART])
    assert np.array_equal(found[:3], [half(RIGHT), half(LEFT), half(HEART)])
    assert np.array_equal(found[3:].max(axis=0), half(np.maximum.reduce([RIGHT, LEFT, HEART])))


def test_a_model_without_lungs(model_file) -> None:
    """It is refused, with what it has."""
    model = find_model(str(model_file))
    spec = replace(model.spec, classes=("heart",), temperature=(), quality={})
    with pytest.raises(ConfigError, match="has heart, and no lungs to compare masks with"):
        Expectation(replace(model, spec=spec))


def test_the_shipped_model_finds_masks_that_do_not_fit() -> None:
    """Right masks pass; mirrored sides, transposed and exchanged masks do not."""
    reader = readers.create("phantom", root="", count=3)
    expectation = Expectation(find_model("lungs"))
    items = reader.items()
    labels = [reader.read_label(item) for item in items]
    for item, label in zip(items, labels, strict=True):
        places = expectation(reader.read(item["image"]).pixels)
        assert misfit(agreements(label, places)) is None
        for turn in (lambda mask: mask.T, lambda mask: mask[:, ::-1]):
            masks = np.stack([np.ascontiguousarray(turn(mask)) for mask in label.masks])
            wrong = Label(masks, label.classes, label.truth, label.heart)
            assert misfit(agreements(wrong, places)).code == "mask_turned"
