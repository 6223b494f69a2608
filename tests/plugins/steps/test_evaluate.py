"""The step of `cxrtk evaluate`, made by names as another process makes it."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, PluginNotFound, passes, steps
from cxrtk.evaluation.storage import read_evaluation

READER = {"reader": "image_mask_folder", "reader_arguments": {"heart": "excluded"}}


@pytest.fixture
def data(tmp_path):
    """Two images with masks."""
    rng = np.random.default_rng(0)
    for sub in ("images", "masks"):
        (tmp_path / "data" / sub).mkdir(parents=True)
    for name in ("a", "b"):
        Image.fromarray(rng.integers(0, 255, (48, 40), np.uint8)).save(tmp_path / f"data/images/{name}.png")
        mask = np.zeros((48, 40), np.uint8)
        mask[8:40, 4:18] = mask[8:40, 22:36] = 255
        Image.fromarray(mask).save(tmp_path / f"data/masks/{name}.png")
    return tmp_path / "data"


def test_masks_of_a_folder(data, tmp_path):
    """The data set's own masks are perfect; only the metrics that were named are measured."""
    made = steps.create(
        "evaluate", dataset_dir=str(data), predictions=str(data / "masks"), metrics={"dice": {}}, **READER
    )
    files = passes.read_ahead(str(data), reader=READER["reader"], arguments=READER["reader_arguments"])
    sources = [(passes.inputs_of([str(data)])[0], files)]
    passes.run(made, sources, tmp_path / "out", passes.Options(batch_size=1))
    found = read_evaluation(tmp_path / "out")
    assert {case.image: case.values for case in found.cases} == {
        "images/a.png": {"dice": 1.0},
        "images/b.png": {"dice": 1.0},
    }


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, ConfigError),
        ({"model": "lungs", "masks": "otsu"}, ConfigError),
        ({"masks": "mean_threshold", "metrics": {"dize": {}}}, PluginNotFound),
        ({"masks": "mean_threshold", "metrics": {"nsd": {"tolerances": 3}}}, ConfigError),
        ({"masks": "mean_threshold", "truth": "nobody"}, PluginNotFound),
    ],
)
def test_what_cannot_be_made(data, given, error):
    """Nothing or two things to evaluate, and names that there are not."""
    with pytest.raises(error):
        steps.create("evaluate", dataset_dir=str(data), **READER, **given)
