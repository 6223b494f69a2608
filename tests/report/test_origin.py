"""What a report calls the thing that was evaluated."""

from dataclasses import replace

import pytest

from cxrtk.evaluation.storage import read_evaluation
from cxrtk.report.origin import name_of
from tests.report.documents import make_evaluation


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    return read_evaluation(make_evaluation(tmp_path_factory.mktemp("evaluation")))


@pytest.mark.parametrize(
    ("predictions", "name"),
    [
        ({"kind": "model", "name": "PaperUNet", "paths": ["/w/runs/unet-1.5"]}, "unet-1.5 (PaperUNet)"),
        ({"kind": "model", "name": "PaperUNet", "paths": ["/w/runs/unet-1/best.pt"]}, "unet-1 (PaperUNet)"),
        ({"kind": "model", "name": "lungs", "paths": ["/site/cxrtk/models/lungs.safetensors"]}, "lungs"),
        ({"kind": "model", "name": "ours", "paths": ["/w/renamed.safetensors"]}, "renamed (ours)"),
        ({"kind": "model", "name": "a+b", "paths": ["/w/runs/a", "/w/runs/b"]}, "a+b"),
        ({"kind": "folds", "name": "5 folds", "paths": ["/w/runs/a", "/w/runs/b"]}, "5 folds"),
        ({"kind": "folder", "name": "theirs", "paths": ["/w/theirs"]}, "theirs"),
        ({"kind": "generator", "name": "mean_threshold"}, "mean_threshold"),
        ({}, "Masks"),
    ],
)
def test_the_name(evaluation, predictions, name):
    """That of the folder where a run has one, and no name twice."""
    assert name_of(replace(evaluation, about={"predictions": predictions})) == name
