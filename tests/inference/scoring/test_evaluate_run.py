"""The evaluation that a run keeps of its test images."""

import json
import shutil

import pytest

from cxrtk import ConfigError, DataError
from cxrtk.evaluation.storage import read_evaluation
from cxrtk.inference.scoring.evaluate_run import FOLDER, evaluate_run, kept


class Steps:
    """Counts what is done."""

    def __init__(self):
        self.total = self.done = 0

    def __call__(self, total):
        self.total += total
        return self.advance

    def advance(self):
        self.done += 1


@pytest.fixture
def run(lung_run, tmp_path):
    """A copy, so that a test may change it."""
    return shutil.copytree(lung_run, tmp_path / "run")


def change(run, file, **values):
    content = json.loads((run / file).read_text())
    (run / file).write_text(json.dumps({**content, **values}))


def test_it_is_of_the_images_that_the_run_tested(run):
    """All of them, against the masks that the run was tested against, by all metrics."""
    steps = Steps()
    folder = evaluate_run(run, steps)
    found = read_evaluation(folder)
    names = sorted(case.image for case in found.cases)
    assert names == sorted(json.loads((run / "splits.json").read_text())["test"])
    assert {case.part for case in found.cases} == {"test"}
    assert found.truth == "human masks, heart excluded"
    assert len(found.metrics) == 13
    assert steps.done == steps.total == len(names)
    assert folder == run / FOLDER and len(list((folder / "masks").rglob("*.png"))) == len(names)


def test_a_second_time_nothing_is_done(run):
    steps = Steps()
    evaluate_run(run, steps)
    once = steps.done
    assert evaluate_run(run, steps) == run / FOLDER
    assert steps.done == once


def test_of_other_weights_it_is_not_kept(run):
    """The digest of the checkpoint is on record."""
    evaluate_run(run, Steps())
    assert kept(run) == run / FOLDER
    (run / "best.pt").write_bytes((run / "best.pt").read_bytes() + b" ")
    assert kept(run) is None


def test_a_damaged_one_is_not_kept(run):
    evaluate_run(run, Steps())
    (run / FOLDER / "evaluation.json").write_text("{")
    assert kept(run) is None


def test_a_run_on_generated_masks_is_set_against_those(run):
    """As its own test was."""
    record = json.loads((run / "run.json").read_text())
    change(run, "run.json", settings={**record["settings"], "labels": "generated masks (weak labels)"})
    assert read_evaluation(evaluate_run(run, Steps())).truth.startswith("generated masks")


def test_data_that_moved(run, small_jsrt, tmp_path):
    """Is told, and may be named."""
    moved = shutil.copytree(small_jsrt, tmp_path / "moved")
    record = json.loads((run / "run.json").read_text())
    change(run, "run.json", settings={**record["settings"], "dataset_dir": str(tmp_path / "gone")})
    with pytest.raises(DataError, match="gone: no such folder"):
        evaluate_run(run, Steps())
    assert len(read_evaluation(evaluate_run(run, Steps(), str(moved))).cases) == 3


def test_a_computed_reader_is_refused(run):
    """Nothing of a config is evaluated."""
    change(run, "config.json", reader={"_target_": "cxrtk.readers.create", "name": "$print('x')"})
    with pytest.raises(ConfigError, match="is computed, not stated"):
        evaluate_run(run, Steps())


def test_a_classifier_has_none(finding_run):
    assert evaluate_run(finding_run, Steps()) is None
