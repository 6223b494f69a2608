"""What runners have in common."""

import pickle
from pathlib import PurePath

import pytest

from cxrtk.passes.manifest import Entry
from cxrtk.passes.plan import Planned
from cxrtk.passes.runners.base import Runner, Task


def test_a_task_reaches_another_process_as_it_was():
    """Names that are not valid UTF-8 are preserved."""
    name = "caf\udce9.png"
    planned = Planned({"image": name}, 0, name, PurePath("caf\udce9"), known={"truth": [0, 1]})
    task = Task(3, [planned], [Entry(name, "ok", row={"mean": 0.5})])
    assert pickle.loads(pickle.dumps(task)) == task


def test_a_runner_must_run():
    """There is no default."""
    with pytest.raises(TypeError, match="abstract"):
        Runner()
