"""What maps are made of: classes and layers of a model, what its network is fed, where a map lies."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from cxrtk import Radiograph
from cxrtk.errors import ConfigError
from cxrtk.inference.classification.lung_input import Box
from cxrtk.inference.explanation.preparing import (
    Preparer,
    explainer_of,
    over_the_whole,
    readable,
)
from cxrtk.models.model_file import Model
from cxrtk.models.predictor import Predictor
from cxrtk.passes.reading import read_ahead


@pytest.fixture
def model(network, spec):
    return Model(spec, network, "0" * 64)


@pytest.fixture
def folder(tmp_path):
    """Two images and a file that is none, one of them in a folder of its own."""
    source = tmp_path / "in"
    (source / "ward").mkdir(parents=True)
    values = np.random.default_rng(0).integers(0, 255, (2, 60, 90), np.uint8)
    Image.fromarray(values[0]).save(source / "a.png")
    Image.fromarray(values[1]).save(source / "ward" / "b.png")
    (source / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return source


def test_what_segment_writes_is_explained(model):
    """By default all but the class of the other convention."""
    explainer, names = explainer_of(model)
    assert (names, explainer.classes) == (("right_lung", "left_lung", "heart"), (0, 1, 2))


def test_classes_by_name(model):
    """In the order asked for, a hidden one too."""
    explainer, names = explainer_of(model, classes=["lungs_with_heart", "heart"])
    assert (names, explainer.classes) == (("lungs_with_heart", "heart"), (3, 2))


def test_an_unknown_class(model):
    """Names those that there are."""
    with pytest.raises(ConfigError, match="No class 'spleen' in small; it has: right_lung, left_lung, heart"):
        explainer_of(model, classes=["heart", "spleen"])


def test_the_network_sees_what_it_sees_when_it_segments(model):
    """The same numbers in each of its channels."""
    values = np.random.default_rng(0).random((90, 70), np.float32)
    given = Preparer(replace(model, spec=replace(model.spec, in_channels=3)))(Radiograph(values))
    expected = Predictor(model).prepare(values)
    assert (given.tensor.shape, given.shape, given.box) == ((3, 64, 64), (90, 70), (0, 90, 0, 70))
    assert all(torch.equal(channel, expected[0]) for channel in given.tensor)


def test_a_part_of_an_image():
    """Its map keeps its place; elsewhere it is 0."""
    found = over_the_whole(np.full((2, 2), 3.0, np.float32), Box(1, 4, 2, 6), (5, 8))
    assert found.sum() == 3.0 * 12 and (found[1:4, 2:6] == 3.0).all()


def test_the_first_that_can_be_read(folder, caplog):
    """As many as asked for; those that cannot be read before them are counted, and none after them."""
    with read_ahead(folder) as files:
        paths = [str(item["image"]) for item in files.reader.items()]
        one, failed = readable(files.read(iter(paths)), 1)
        both, failed_of_both = readable(files.read(iter(paths)), 5)
    assert (len(one), failed) == (1, 0) and (len(both), failed_of_both) == (2, 1)


def test_what_is_no_radiograph_is_no_failure(folder):
    """A text without an ending may lie in a folder of radiographs; it is passed over."""
    (folder / "a report").write_text("Lungs clear.")
    with read_ahead(folder) as files:
        paths = [str(item["image"]) for item in files.reader.items()]
        found, failed = readable(files.read(iter(paths)), 5)
    assert any(path.endswith("a report") for path in paths) and (len(found), failed) == (2, 1)
