"""`cxrtk.segment`: one call, the result of the segmenter, a model that is loaded once."""

import os

import numpy as np
import pytest

import cxrtk
from cxrtk.errors import ConfigError, CxrReadError
from cxrtk.inference.segmentation import segment as module
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model


@pytest.fixture(autouse=True)
def nothing_kept():
    yield
    module._segmenter.cache_clear()


@pytest.fixture
def chest(cxrtk_data):
    return sorted((cxrtk_data / "openist" / "images").iterdir())[0]


def test_it_is_what_the_segmenter_finds(chest, lung_model):
    """Masks, measures and model, for the settings given."""
    found = cxrtk.segment(chest, lung_model, threshold=0.4, postprocess=False)
    other = Segmenter(find_model(str(lung_model)), threshold=0.4, postprocess=False).segment(chest)
    assert np.array_equal(found.masks, other.masks)
    assert (found.measures, found.quality, found.model) == (other.measures, other.quality, other.model)


def test_the_shipped_model_is_the_default(chest):
    """Right lung, left lung and heart, the right lung on the image's left."""
    found = cxrtk.segment(chest)
    assert (found.model["name"], found.classes) == ("lungs", ("right_lung", "left_lung", "heart"))
    columns = [np.nonzero(mask)[1].mean() for mask in found.masks[:2]]
    assert columns[0] < columns[1]


def test_a_model_is_loaded_once(chest, lung_model, monkeypatch):
    """Until its file changes, or a setting does."""
    loaded = []
    monkeypatch.setattr(module, "find_model", lambda *given: loaded.append(given) or find_model(*given))
    for _ in range(2):
        cxrtk.segment(chest, lung_model)
    assert len(loaded) == 1
    status = lung_model.stat()
    os.utime(lung_model, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    cxrtk.segment(chest, lung_model)
    assert len(loaded) == 2


def test_what_is_not_there(chest, tmp_path):
    """Model and file are named."""
    with pytest.raises(ConfigError, match="No model 'lungz'"):
        cxrtk.segment(chest, "lungz")
    with pytest.raises(CxrReadError, match=r"none\.png"):
        cxrtk.segment(tmp_path / "none.png")
