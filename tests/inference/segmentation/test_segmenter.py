"""What a segmenter takes, and that it takes it from several threads at once."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

import cxrtk
from cxrtk import ConfigError, Radiograph
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model

PIXELS = np.random.default_rng(0).integers(0, 256, (80, 60), np.uint8)


@pytest.fixture(scope="module")
def segmenter(model_file):
    return Segmenter(find_model(str(model_file)))


@pytest.fixture(scope="module")
def png(tmp_path_factory):
    path = tmp_path_factory.mktemp("png") / "a.png"
    Image.fromarray(PIXELS).save(path)
    return path


def test_all_sources_of_one_picture_give_its_masks(segmenter, png):
    """A path, its text, bytes, an open file, a radiograph, an array and a tensor, alone and in one batch."""
    expected = segmenter.segment(png).masks
    radiograph = cxrtk.read(png)
    sources = [str(png), png.read_bytes(), radiograph, PIXELS, torch.from_numpy(PIXELS)]
    found = segmenter.batch([png, *sources], value_range=(0, 255))
    assert all(np.array_equal(each.masks, expected) for each in found)
    with png.open("rb") as file:
        assert np.array_equal(segmenter.segment(file).masks, expected)
    assert np.array_equal(segmenter.masks(radiograph), expected)
    assert segmenter.batch([]) == []


def test_where_a_radiograph_comes_from_is_kept(segmenter, png):
    """What is derived from its file needs it; bytes come from no file."""
    assert segmenter.segment(png).source == png
    assert str(segmenter.segment(io.BytesIO(png.read_bytes())).source) == "."
    (found,) = segmenter.batch([cxrtk.read(png)], paths=[png])
    assert found.source == png


def test_an_array_needs_its_range(segmenter):
    """Never guessed from what it holds."""
    with pytest.raises(ConfigError, match="value_range"):
        segmenter.segment(PIXELS)


@pytest.mark.parametrize("device", ["mps", "cuda:99", "gpu"])
def test_a_device_that_is_not_there(model_file, device):
    """One line of cxrtk's own, from the model and from the segmenter."""
    with pytest.raises(ConfigError, match=device):
        cxrtk.load_model(str(model_file), device)
    with pytest.raises(ConfigError, match=device):
        Segmenter(find_model(str(model_file)), device)


def test_threads_get_their_own_results(segmenter):
    """Sixteen pictures on eight threads: each gets the masks and measures that it gets alone."""
    rng = np.random.default_rng(1)
    pictures = [Radiograph(rng.random((64 + 8 * number, 64), np.float32)) for number in range(16)]
    alone = [segmenter.segment(each) for each in pictures]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(segmenter.segment, pictures))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.masks, other.masks) and one.measures == other.measures


def test_lungs_with_the_heart_are_the_output_that_is_drawn_through_it(segmenter, model_file, png):
    """One class, cut from that output alone; no sides, and so no ratios of them."""
    model = find_model(str(model_file))
    found = Segmenter(model, postprocess=False, convention="heart-included").segment(png)
    assert (found.classes, found.convention) == (("lungs",), "heart-included")
    output = torch.from_numpy(segmenter.predictor([cxrtk.read(png).pixels])[0][3:])
    at_size = torch.nn.functional.interpolate(output[None], PIXELS.shape, mode="bilinear")[0, 0]
    assert np.array_equal(found.masks[0], (at_size >= 0.5).numpy())
    assert np.array_equal(found.lungs(), found.masks[0])
    measures = found.measures
    assert measures["cardiothoracic_ratio"] is None and measures["right_to_left_lung_area"] is None
    assert (measures["convention"], list(measures["area_px"])) == ("heart-included", ["lungs"])


def test_the_models_own_convention_is_the_default(segmenter, model_file, png):
    """By name it is the same."""
    named = Segmenter(find_model(str(model_file)), convention="heart-excluded").segment(png)
    found = segmenter.segment(png)
    assert np.array_equal(named.masks, found.masks) and named.classes == found.classes
    assert found.convention == found.measures["convention"] == "heart-excluded"


def test_a_convention_that_a_model_has_not_is_refused(lung_model):
    """One that was trained on lungs without the heart never saw where the others end."""
    with pytest.raises(ConfigError, match="m makes no masks of the convention heart-included"):
        Segmenter(find_model(str(lung_model)), convention="heart-included")
    with pytest.raises(ConfigError, match="must be one of heart-excluded, heart-included"):
        Segmenter(find_model(str(lung_model)), convention="included")
