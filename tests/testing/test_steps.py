"""The contract suite of steps: a good one passes, and each broken rule is seen."""

import numpy as np
import pytest

from cxrtk import Outcome, Radiograph, Step
from cxrtk.testing import StepContract

RAMP = Radiograph(np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8))


class Good(Step):
    """Writes one file of each."""

    calls = 0

    def __call__(self, batch):
        return [self.one(job) for job in batch]

    def one(self, job):
        path = job.stem.with_name(f"{job.stem.name}.txt")
        path.write_text("1")
        return Outcome("ok", {"n": 1}, [path])


class Few(Good):
    """Forgets the last radiograph."""

    def __call__(self, batch):
        return super().__call__(batch)[:-1]


class Secret(Good):
    """Does not name its file."""

    def one(self, job):
        super().one(job)
        return Outcome("ok")


class Reserved(Good):
    """Uses a key of the manifest."""

    def one(self, job):
        return Outcome("ok", {"status": "fine"})


class Moody(Good):
    """Writes something else each time."""

    def one(self, job):
        outcome = super().one(job)
        Good.calls += 1
        outcome.files[0].write_text(str(Good.calls))
        return outcome


SUITE = StepContract()
CHECKS = {
    Few: SUITE.test_one_outcome_for_each_radiograph,
    Reserved: SUITE.test_one_outcome_for_each_radiograph,
    Secret: SUITE.test_names_the_files_that_it_wrote,
}


@pytest.mark.parametrize("broken", CHECKS)
def test_a_broken_rule_is_seen(broken, tmp_path):
    """By the test of that rule; the good step passes it."""
    CHECKS[broken](Good(), [RAMP, RAMP], tmp_path / "good")
    with pytest.raises(AssertionError):
        CHECKS[broken](broken(), [RAMP, RAMP], tmp_path / "broken")


def test_a_step_that_is_not_repeatable_is_seen(tmp_path, monkeypatch):
    """Another instance must write the same bytes."""
    suite = StepContract()
    suite.plugin = "moody"
    monkeypatch.setattr(type(suite.registry), "create", lambda self, name: Moody())
    with pytest.raises(AssertionError):
        suite.test_does_the_same_again(Moody(), [RAMP], {}, tmp_path)
