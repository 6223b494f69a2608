"""The runner that is this process."""

from cxrtk.passes import inputs_of, read_ahead
from cxrtk.passes.plan import groups, plan
from cxrtk.passes.runners.base import Task
from cxrtk.passes.runners.local import LocalRunner
from tests.passes.conftest import Brightness


def test_what_was_done_comes_first_and_is_not_done_again(folder, tmp_path):
    """The other batches follow in their order."""
    (tmp_path / "out").mkdir()
    (source,) = inputs_of([str(folder)])
    with read_ahead(source.root) as files:
        batches = list(groups(plan([(source, files.reader.items())], tmp_path / "out"), 2))
        made = {"model": {}, "settings": {}}
        step = Brightness()
        runner = LocalRunner([files], tmp_path / "out")
        first = {task.number: entries for task, entries in runner.run(numbered(batches), step, made)}
        assert sorted(first) == [0, 1, 2, 3]
        done = [Task(number, group, first[number]) for number, group in enumerate(batches)]
        (tmp_path / "out" / "4.txt").unlink()
        again = [(task.number, entries) for task, entries in runner.run(done, Brightness(), made)]
    # The last batch has a damaged file, which is tried again.
    assert [number for number, entries in again if entries is None] == [1, 2]
    assert [number for number, entries in again if entries] == [0, 3]
    assert again[2][1] == first[0]


def numbered(batches):
    return (Task(number, group) for number, group in enumerate(batches))
