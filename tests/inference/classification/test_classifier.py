"""A trained classifier on radiographs of any size."""

import csv

import numpy as np
import pytest
import torch

from cxrtk import readers
from cxrtk.data.findings import FINDINGS
from cxrtk.errors import ConfigError
from cxrtk.inference.classification.classifier import Classifier
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model


@pytest.fixture(scope="module")
def classifier(finding_run):
    """That of a run, on the box around the lungs."""
    return Classifier(find_model(str(finding_run)))


@pytest.fixture(scope="module")
def tested(finding_run):
    """Rows of the table that the run's own test wrote."""
    with (finding_run / "findings.csv").open() as file:
        return list(csv.DictReader(file))


def test_its_findings_are_those_of_the_run(classifier):
    """By the list in the bundle."""
    assert classifier.findings == FINDINGS


def test_probabilities_are_those_that_the_bundle_computed(classifier, tested, small_nih):
    """MONAI's transforms, engine and data loader there, ours here: read, stretched, cropped, shrunk alike."""
    reader = readers.create("nih_png", root=str(small_nih))
    for row in tested[:12]:
        radiograph = reader.read(small_nih / "images" / row["image"])
        found = classifier.probabilities([classifier.prepare(radiograph)])[0]
        expected = [float(row[name]) for name in FINDINGS]
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_the_map_covers_the_whole_image(classifier, cxrtk_data):
    """Its mean over the part that the network saw is the logit less the bias; outside it is at its lowest."""
    reader = readers.create("nih_png", root=str(cxrtk_data / "nih"))
    radiograph = reader.read(reader.items()[0]["image"])
    prepared = classifier.prepare(radiograph)
    maps = classifier.maps(prepared)
    assert maps.shape == (14, *radiograph.pixels.shape)
    box = prepared.box
    outside = np.ones(radiograph.pixels.shape, bool)
    outside[box.top : box.bottom, box.left : box.right] = False
    assert outside.any()
    for one in maps:
        assert np.unique(one[outside]).tolist() == [one.min()]


def test_a_model_that_makes_masks_is_refused(lung_model):
    """In one line that says what to name instead."""
    with pytest.raises(ConfigError, match="makes masks and does not classify findings"):
        Classifier(find_model(str(lung_model)))


def test_a_classifier_segments_nothing(finding_run):
    """`cxrtk segment` and `cxrtk evaluate` build this."""
    with pytest.raises(ConfigError, match="classifies findings and makes no masks"):
        Segmenter(find_model(str(finding_run)))


def test_the_weights_are_those_of_the_best_checkpoint(finding_run):
    """Loaded anew, both are equal."""
    first, second = find_model(str(finding_run)), find_model(str(finding_run / "best.pt"))
    for one, other in zip(
        first.network.state_dict().values(), second.network.state_dict().values(), strict=True
    ):
        assert torch.equal(one, other)


def test_a_classifier_is_not_calibrated_on_masks(finding_run, cxrtk_command, tmp_path):
    """One line that says why, before any image is read."""
    ended = cxrtk_command("calibrate", finding_run, "-o", tmp_path / "m.safetensors")
    assert ended.code == 2
    assert "classifies findings and makes no masks" in ended.err and ended.err.strip().count("\n") == 0
