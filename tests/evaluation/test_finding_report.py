"""What the test of a classifier leaves: a table of images, and areas with what has none listed."""

import csv
import json

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from monai.data import MetaTensor
from sklearn.metrics import roc_auc_score

from cxrtk.evaluation.finding_report import FindingReport

NAMES = ("Mass", "Effusion", "Hernia")


@pytest.fixture
def tested(tmp_path):
    """Twelve images of six patients through a handler; nobody has a hernia."""
    rng = np.random.default_rng(0)
    labels = np.column_stack([np.arange(12) % 2, np.arange(12) % 3 == 0, np.zeros(12)]).astype(np.float32)
    probabilities = rng.random((12, 3)).astype(np.float32)
    data = [{"image": f"x/{n}.png", "label": {"patient": f"p{n // 2}"}} for n in range(12)]

    def step(_, rows):
        return [
            {
                "image": MetaTensor(torch.zeros(1, 4, 4), meta={"filename_or_obj": f"x/{row}.png"}),
                "pred": torch.from_numpy(probabilities[row]),
                "label": torch.from_numpy(labels[row]),
            }
            for row in rows
        ]

    engine = Engine(step)
    FindingReport(str(tmp_path), data, NAMES, "the table", "best.pt", "32 x 32").attach(engine)
    engine.run([range(5), range(5, 12)])
    return tmp_path, probabilities, labels


def test_the_areas_are_scikit_learns(tested):
    """Of each finding that some have and some have not, and their mean."""
    folder, probabilities, labels = tested
    metrics = json.loads((folder / "test_metrics.json").read_text())["metrics"]
    expected = [roc_auc_score(labels[:, place], probabilities[:, place]) for place in (0, 1)]
    assert metrics["auc_Mass"] == pytest.approx(expected[0])
    assert metrics["auc_Effusion"] == pytest.approx(expected[1])
    assert metrics["mean_auc"] == pytest.approx(np.mean(expected))


def test_a_finding_without_an_area_is_listed(tested):
    """And stands in no mean."""
    content = json.loads((tested[0] / "test_metrics.json").read_text())
    assert content["without_auc"] == ["Hernia"]
    assert "auc_Hernia" not in content["metrics"]


def test_it_says_what_was_measured(tested):
    """Against what, at which size, of which weights."""
    content = json.loads((tested[0] / "test_metrics.json").read_text())
    assert (content["images"], content["truth"], content["resolution"]) == (12, "the table", "32 x 32")


def test_the_table_has_each_image_its_probabilities_and_labels(tested):
    """Six decimals."""
    folder, probabilities, labels = tested
    with (folder / "findings.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == [f"{number}.png" for number in range(12)]
    found = np.array([[float(row[name]) for name in NAMES] for row in rows])
    np.testing.assert_allclose(found, probabilities, atol=5e-7)
    assert np.array_equal([[int(row[f"{name}_truth"]) for name in NAMES] for row in rows], labels)
