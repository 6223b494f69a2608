"""What an Outcome refuses, and what a Step does by default."""

from pathlib import PurePath

import pytest

from cxrtk import Outcome, Step


class Plain(Step):
    def __call__(self, batch):
        return [Outcome() for _ in batch]


@pytest.mark.parametrize("status", ["ok", "left_out", "failed"])
def test_an_outcome_is_one_of_three(status):
    """Each of them, and no other."""
    assert Outcome(status).status == status
    with pytest.raises(ValueError, match=f"not '{status}!'"):
        Outcome(f"{status}!")


def test_a_step_must_be_called():
    """A forgotten method fails at construction, by its name."""

    class Half(Step):
        pass

    with pytest.raises(TypeError, match="__call__"):
        Half()


def test_a_step_takes_every_radiograph(tmp_path):
    """No settings, no known values, no further files, no tables; a stem is the path without its suffix."""
    step, items = Plain(), [{"image": "a.png", "patient": "a"}, {"image": "b.dcm", "patient": "b"}]
    assert step.settings() == {} and step.unread() == {}
    assert step.choose(items, lambda item: True) == [{}, {}]
    assert list(step.further_inputs(items[0], "a.png", ["masks/a.png"])) == []
    assert step.stem_of(PurePath("a/1.2.chest.png")) == PurePath("a/1.2.chest")
    assert step.finish([{"input": "a.png"}], tmp_path) == [] and list(tmp_path.iterdir()) == []
