"""Doubts about a file itself, which the flag takes up."""

import numpy as np
import pytest

from cxrtk import Radiograph, pixels
from cxrtk.data.pixels.flags import FLAGS
from cxrtk.inference.quality.distance import Distance
from cxrtk.inference.quality.doubts import BESIDE_OK, doubts
from cxrtk.inference.quality.flag import Assessor
from cxrtk.models.model_file import ModelSpec


@pytest.fixture(scope="module")
def chest(cxrtk_data):
    return pixels.read(sorted((cxrtk_data / "openist" / "images").iterdir())[0])


def flagged(chest, *names):
    return Radiograph(chest.pixels, meta={"flags": dict.fromkeys(names, "(0018,5101) ViewPosition = LL")})


def test_every_flag_of_the_pixels_is_decided():
    """Whether it may stand beside `ok`; a new one fails here."""
    assert BESIDE_OK.keys() == FLAGS.keys()


def test_a_chest_is_in_no_doubt(chest):
    """A real one."""
    assert doubts(chest) == []


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_a_doubt_or_is_none(chest, name):
    """In the words of the flag."""
    expected = [] if BESIDE_OK[name] else [f"the file is flagged {name}: {FLAGS[name]}"]
    assert doubts(flagged(chest, name)) == expected


@pytest.mark.parametrize(
    ("height", "width", "said"),
    [
        (9, 9, "9 x 9 pixels, too few"),
        (40, 40, "40 x 40 pixels, too few"),
        (60, 900, "900 x 60 pixels, too few"),
        (100, 1500, "1500 x 100 pixels, a shape that is implausible for a chest"),
        (1500, 100, "100 x 1500 pixels, a shape that is implausible for a chest"),
    ],
)
def test_thumbnails_and_strips(height, width, said):
    """Whatever is on them; both reasons where both hold."""
    picture = np.random.default_rng(0).random((height, width), dtype=np.float32)
    found = doubts(Radiograph(picture))
    assert any(said in reason for reason in found)
    assert len([reason for reason in found if "pixels" in reason]) == 1 + (height == 60)


def test_a_picture_without_any_contrast():
    """As a window that does not fit leaves it."""
    assert "the image has a single grey level" in doubts(Radiograph(np.ones((90, 80), np.float32)))


def test_a_slice_is_no_chest(cxrtk_data):
    """A CT slice, told by its pixels."""
    slice_ = pixels.read(cxrtk_data / "not_frontal" / "images" / "16745_3_2.png")
    assert "like a slice" in doubts(slice_)[-1]


@pytest.mark.parametrize(("score", "flag"), [(0.9, "review"), (0.3, "review"), (0.05, "failed")])
def test_masks_of_a_file_in_doubt_are_never_ok(chest, spec, score, flag):
    """What the masks say stays where it is worse; the file's reasons come first."""
    noise = np.random.default_rng(0).standard_normal((40, 28))
    quality = {
        "signs": {}, "bias": float(np.log(score / (1 - score))), "ok_from": 0.5, "failed_below": 0.1,
        "shape": Distance.fit(noise, axes=4),
        "appearance": {"layer": "model.0", **Distance.fit(noise[:, :4], axes=2)},
    }  # fmt: skip
    assess = Assessor(ModelSpec(**{**vars(spec), "quality": quality}))
    views = np.full((3, 4, 64, 64), 0.01, np.float32)
    views[:, 0, 10:50, 8:24] = views[:, 1, 10:50, 40:56] = 0.99
    found = assess(views, None, flagged(chest, "looks_inverted", "lossy"))
    assert found["flag"] == flag and found["score"] == pytest.approx(score, abs=1e-4)
    assert found["reasons"][0] == f"the file is flagged looks_inverted: {FLAGS['looks_inverted']}"
    plain = assess(views, None, chest)
    assert plain["flag"] == ("ok" if score == 0.9 else flag)
