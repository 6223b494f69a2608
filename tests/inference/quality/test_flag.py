"""A model with a quality flag: its segmentations carry it; numbers that do not fit are refused."""

import json
import math

import numpy as np
import pytest

from cxrtk import CheckpointError, Radiograph, pixels
from cxrtk.inference.quality.distance import Distance
from cxrtk.inference.quality.flag import Assessor, heart_doubt
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.model_file import ModelSpec, read_model, save_model

USUAL = {"mean": 0.5, "scale": 1.0, "weight": 1.0, "low": -9.0, "high": 9.0}


@pytest.fixture(scope="module")
def quality():
    """Of a population of noise: what counts here is that all numbers find their place."""
    noise = np.random.default_rng(0).standard_normal((40, 28))
    return {
        "signs": dict.fromkeys(("agreement", "appearance", "shape"), USUAL),
        "bias": 0.0,
        "ok_from": 0.5,
        "failed_below": 0.1,
        "shape": Distance.fit(noise, axes=4),
        "appearance": {"layer": "model.0", **Distance.fit(noise[:, :4], axes=2)},
    }


@pytest.mark.parametrize(
    ("bounds", "flag"),
    [
        ({"failed_below": 0.0, "ok_from": 0.0}, "ok"),
        ({"failed_below": 0.0, "ok_from": 1.1}, "review"),
        ({"failed_below": 1.1, "ok_from": 1.1}, "failed"),
    ],
)
def test_a_segmentation_carries_its_flag(quality, network, spec, tmp_path, cxrtk_data, bounds, flag):
    """Saved in the model file, read back, and asked for one real image: plain JSON with all signs.

    The score is the logistic function of the weighted signs, and the flag follows from it and the bounds.
    """
    path = tmp_path / "m.safetensors"
    weights = {"agreement": 0.7, "appearance": -0.2, "shape": -0.1}
    weighted = {name: {**USUAL, "weight": weight} for name, weight in weights.items()}
    numbers = {**quality, "signs": weighted, "bias": -0.25, **bounds}
    save_model(ModelSpec(**{**vars(spec), "quality": numbers}), network.state_dict(), path)
    image = sorted((cxrtk_data / "openist" / "images").iterdir())[0]
    found = Segmenter(read_model(path)).segment(image).quality
    assert json.loads(json.dumps(found)) == found
    assert {"agreement", "appearance", "shape", "entropy"} <= set(found["signs"])
    total = -0.25 + sum(weight * (found["signs"][name] - 0.5) for name, weight in weights.items())
    assert 0.05 < found["score"] < 0.95  # the signs decide, and no limit
    assert found["score"] == pytest.approx(1 / (1 + math.exp(-total)), abs=3e-4)
    assert found["flag"] == flag
    assert bool(found["reasons"]) == (flag != "ok")


def test_an_image_is_judged_alone(quality, network, spec, tmp_path, cxrtk_data):
    """In a batch each has its own features."""
    path = tmp_path / "m.safetensors"
    save_model(ModelSpec(**{**vars(spec), "quality": quality}), network.state_dict(), path)
    segmenter = Segmenter(read_model(path))
    chest = pixels.read(sorted((cxrtk_data / "openist" / "images").iterdir())[0]).pixels
    noise = np.random.default_rng(0).random((90, 70), dtype=np.float32)
    radiographs = [Radiograph(image) for image in (chest, chest[:120, :90].copy(), noise)]
    paths = [tmp_path / str(number) for number in range(3)]
    together = [found.quality["signs"]["appearance"] for found in segmenter.batch(radiographs, paths=paths)]
    alone = [
        segmenter.segment(radiograph).quality["signs"]["appearance"]
        for path, radiograph in zip(paths, radiographs, strict=True)
    ]
    assert together == pytest.approx(alone, rel=0.02) and len(set(alone)) == 3


def test_without_numbers_there_is_no_flag(model_file, cxrtk_data):
    """Nothing is made up."""
    image = sorted((cxrtk_data / "openist" / "images").iterdir())[0]
    assert Segmenter(read_model(model_file)).segment(image).quality == {}


@pytest.mark.parametrize(
    "change", [{"bias": None}, {"more": 1}, {"shape": {"mean": [0]}}, {"appearance": {}}]
)
def test_numbers_that_do_not_fit(quality, spec, change):
    """Missing, unknown, or of another form."""
    broken = {key: value for key, value in {**quality, **change}.items() if value is not None}
    with pytest.raises(CheckpointError, match="quality flag cannot be used"):
        Assessor(ModelSpec(**{**vars(spec), "quality": broken}))


def lungs_and_heart(heart: bool = True) -> np.ndarray:
    """(3, 4, 64, 64) of three views that agree, with or without a heart."""
    views = np.full((3, 4, 64, 64), 0.01, np.float32)
    views[:, 0, 10:50, 8:24] = views[:, 1, 10:50, 40:56] = 0.99
    views[:, 2, 34:50, 24:40] = 0.99 if heart else 0.01
    views[:, 3] = views[:, :3].max(axis=1)
    return views


@pytest.fixture
def assess(quality, spec):
    """An assessor of the lungs, the heart and lungs with the heart, whose scores are their biases."""
    known = {key: value for key, value in quality.items() if key != "appearance"}
    sure = {"signs": {}, "bias": 3.0, "ok_from": 0.5, "failed_below": 0.1}
    organs = {"heart": sure, "lungs_with_heart": {**sure, "bias": -0.2}}
    numbers = {**known, **sure, "organs": organs, "ratio": {"floor": 0.02, "factor": 1.5}}
    return Assessor(ModelSpec(**{**vars(spec), "quality": numbers}))


@pytest.fixture
def chest(cxrtk_data):
    """A radiograph that is in no doubt."""
    return pixels.read(sorted((cxrtk_data / "openist" / "images").iterdir())[0])


def test_each_structure_has_a_flag(assess, chest):
    """Beside the overall one, which is that of the lungs."""
    found = assess(lungs_and_heart(), None, chest)
    assert found["flag"] == "ok" and found["organs"] == {"lungs": "ok", "heart": "ok"}
    found = assess(lungs_and_heart(heart=False), None, chest)
    assert found["flag"] == "ok" and found["organs"] == {"lungs": "ok", "heart": "failed"}
    assert found["heart"]["reasons"][0] == "no heart was found"


def test_lungs_with_the_heart_have_a_rule_of_their_own(assess, chest):
    """And no flag of a heart, of which there is no mask."""
    found = assess(lungs_and_heart(), None, chest, "heart-included")
    assert found["flag"] == "review" and found["organs"] == {"lungs": "review"}


def test_the_interval_of_the_ratio(assess, chest):
    """1.5 (0.02 + 0) on either side, where all views have the same ratio."""
    assert assess.interval(assess(lungs_and_heart(), None, chest), 0.5) == [0.47, 0.53]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"organs": {"lungs": "ok", "heart": "review"}}, "the heart may be wrong: it is ragged"),
        ({"file_doubts": ["it looks inverted"]}, "the image is in doubt: it looks inverted"),
        ({"organs": {"lungs": "failed", "heart": "ok"}}, "the lungs may be wrong: no lungs were found"),
        ({"organs": {"lungs": "review", "heart": "ok"}}, None),
        ({"organs": {"lungs": "failed"}}, None),
    ],
)
def test_when_measures_of_the_heart_are_withheld(change, reason):
    """A model without a flag of the heart gives them."""
    quality = {
        "organs": {"lungs": "ok", "heart": "ok"},
        "heart": {"score": 0.3, "reasons": ["it is ragged"]},
        "file_doubts": [],
        "reasons": ["no lungs were found"],
    }
    assert heart_doubt({**quality, **change}) == reason


def test_without_a_flag_nothing_is_withheld():
    """There is nothing to tell a heart that is wrong by."""
    assert heart_doubt({}) is None
