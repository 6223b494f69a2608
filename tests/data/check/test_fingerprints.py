"""Copies are known as such, whatever was done to them, and different radiographs are not taken for copies."""

import io

import numpy as np
import pytest
from PIL import Image

from cxrtk import phantom, pixels
from cxrtk.data.check.fingerprints import equal, imprint, near_copies


def alike(pictures: list[np.ndarray]) -> list[tuple[int, int, float]]:
    kept = [imprint(np.asarray(picture, np.float32)) for picture in pictures]
    found = near_copies(np.stack([one.bits for one in kept]), np.stack([one.picture for one in kept]))
    return [(pair.first, pair.second, pair.correlation) for pair in found]


def jpeg(picture: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(np.rint(picture * 255).astype(np.uint8)).save(file, "JPEG", quality=30)
    return np.asarray(Image.open(file)) / 255


def resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)).clip(0, 1)


ALTERED = {
    "a JPEG of quality 30": jpeg,
    "half the size": lambda picture: resized(picture, 64, 64),
    "another shape": lambda picture: resized(picture, 224, 180),
    "gamma 0.6": lambda picture: picture**0.6,
    "gamma 1.5": lambda picture: picture**1.5,
    "another window": lambda picture: np.clip((picture - 0.1) / 0.8, 0, 1),
    "16 bits stored as 8": lambda picture: np.floor(picture * 255) / 255,
    "a crop of 1 pixel": lambda picture: picture[1:-1, 1:-1],
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> list[np.ndarray]:
    root = phantom.write_nih(tmp_path_factory.mktemp("drawn") / "set", 8, size=128)
    return [pixels.read(path).pixels for path in sorted((root / "images").iterdir())]


@pytest.mark.parametrize("how", ALTERED)
def test_an_altered_copy(drawn, how):
    """The copy is found, and no other pair of the nine pictures."""
    found = alike([*drawn, ALTERED[how](drawn[0])])
    assert [(first, second) for first, second, _ in found] == [(0, 8)]


def test_a_negative(drawn):
    """Of a negative the correlation is -1, to the rounding of what is kept."""
    [(first, second, correlation)] = alike([*drawn, 1 - drawn[3]])
    assert (first, second) == (3, 8)
    assert correlation == pytest.approx(-1, abs=0.01)


def test_blocks_of_pairs():
    """Every pair is compared once, also across blocks: 5000 pictures with copies at known places."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 256, (5000, 64), np.uint8)
    pictures = rng.integers(-127, 128, (5000, 1024), np.int8)
    pairs = [(0, 1), (5, 1024), (1023, 4999), (1500, 4096), (4097, 4998)]
    for first, second in pairs:
        bits[second], pictures[second] = bits[first], pictures[first]
    found = [(pair.first, pair.second, pair.bits) for pair in near_copies(bits, pictures)]
    assert sorted(found) == [(first, second, 0) for first, second in pairs]


def test_equal_pixels_need_an_equal_shape():
    """Six zeros in two rows are not those in three; the same array again is."""
    digests = [imprint(np.zeros(shape, np.float32)).sha256 for shape in ((20, 30), (30, 20), (20, 30))]
    assert equal([*digests, None, None]) == [[0, 2]]


def test_one_level_makes_other_pixels():
    """A difference of one grey level of 16 bits is another image."""
    picture = np.full((10, 10), 0.5, np.float32)
    other = picture.copy()
    other[3, 3] += np.float32(1 / 65535)
    assert imprint(picture).sha256 != imprint(other).sha256


@pytest.mark.slow
@pytest.mark.parametrize("name", ["jsrt", "openist", "covid_v7", "kermany_v7", "not_frontal"])
def test_no_false_alarm_on_real_sets(cxrtk_data, name):
    """These folders hold no two images of one exposure (their README), and none are found."""
    paths = sorted((cxrtk_data / name / "images").iterdir())
    assert alike([pixels.read(path).pixels for path in paths]) == []


def test_reduced_copies_in_real_sets(cxrtk_data):
    """Two of the NIH's images lie in nih_64px too, at a sixteenth of the size: found by their stems."""
    paths = [
        path for name in ("nih", "nih_64px") for path in sorted((cxrtk_data / name / "images").iterdir())
    ]
    found = alike([pixels.read(path).pixels for path in paths])
    assert [(paths[first].stem, paths[second].stem) for first, second, _ in found] == [
        ("00000001_000", "00000001_000"), ("00000002_000", "00000002_000")
    ]  # fmt: skip
