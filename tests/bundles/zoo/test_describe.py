"""Metadata and README of an exported bundle."""

import json

import jsonschema
import pytest

from cxrtk.bundles.metadata import SCHEMA
from cxrtk.bundles.shipped import schema
from cxrtk.bundles.zoo.describe import About, measured, metadata, readme
from cxrtk.classes import CLASSES
from cxrtk.models import shipping
from cxrtk.models.licence import Licence, licence_of
from cxrtk.models.model_file import ModelSpec

ROW = {
    "metric": "dice",
    "unit": "",
    "mean": 0.98765,
    "interval": [0.98, 0.99],
    "median": 0.988,
    "worst": 0.9,
    "images": 7,
}
EVALUATION = {"truth": "human masks, heart excluded", "summary": [ROW]}


def about(standalone=False, evaluation=None, licence=None) -> About:
    spec = ModelSpec("lungs", {}, CLASSES, 256)
    return About("lung_cxr", spec, 64, licence or Licence("none stated"), standalone, evaluation or {})


@pytest.mark.parametrize("standalone", [False, True])
def test_the_metadata_fit_the_schema(standalone):
    """The rules that ship; channel 0 is the background, and pydicom is needed by cxrtk's steps only."""
    made = metadata(about(standalone))
    jsonschema.validate(made, json.loads(schema().read_text()))
    assert made["schema"] == SCHEMA and made["version"] in made["changelog"]
    assert made["network_data_format"]["outputs"]["pred"]["channel_def"]["0"] == "background"
    assert ("pydicom" in made["required_packages_version"]) == standalone
    assert "cxrtk" not in made["required_packages_version"]


def test_numbers_come_from_an_evaluation():
    """Into the metadata and the README, with their truth; without one, that is said."""
    told = about(evaluation=EVALUATION)
    assert measured(EVALUATION) == metadata(told)["eval_metrics"] == {"dice": 0.9877}
    page = readme(told)
    assert "truth: human masks, heart excluded" in page
    assert "| dice | 0.9877 | 0.9800 to 0.9900 | 0.9880 | 0.9000 | 7 |" in page
    assert "Not measured in this export" in readme(about()) and metadata(about())["eval_metrics"] == {}


def test_the_readme_says_for_whom_the_weights_are():
    """Only open weights are said to be fit for the zoo."""
    folder = shipping.folder()
    openly = licence_of(folder / "lungs-open.safetensors")
    assert "may be offered to MONAI's model zoo" in readme(about(licence=openly))
    assert "not fit for MONAI's model zoo" in readme(about(licence=licence_of(folder / "lungs.safetensors")))


@pytest.mark.parametrize("standalone", [False, True])
def test_the_readme_names_dicom_where_it_is_read(standalone):
    """By the config that --standalone adds."""
    assert ("configs/inference_dicom.json" in readme(about(standalone))) == standalone
