"""Runner that uses this process; files are read ahead across batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.api import Step
from cxrtk.passes.batch import Batches
from cxrtk.passes.outputs import PART
from cxrtk.passes.reading import ReadAhead
from cxrtk.passes.runners.base import Done, Runner, Task


class LocalRunner(Runner):
    """Runner that processes the batches one after another in this process.

    Args:
        readers: Opened reader of each input.
        output_dir: Folder of the outputs.
        hidden: Prefix of hidden folders; see `cxrtk.passes.batch.Batches`.
    """

    def __init__(self, readers: Sequence[ReadAhead], output_dir: Path, hidden: str = PART) -> None:
        self.readers = readers
        self.output_dir = output_dir
        self.hidden = hidden

    def run(self, tasks: Iterable[Task], step: Step, made_by: Mapping[str, Any]) -> Iterator[Done]:
        """Yield batches, those processed before first."""
        batches = Batches(step, self.readers, self.output_dir, made_by, self.hidden)
        todo = []
        for task in tasks:
            if batches.is_done(task.group, task.recorded):
                yield task, None
            else:
                todo.append(Task(task.number, task.group))
        stream = batches.read(job for task in todo for job in task.group)
        for task in todo:
            yield task, batches.do(task.group, [next(stream) for _ in task.group])
