"""Worker: creates the step and the readers of a pass itself, and processes the batches it receives."""

from __future__ import annotations

import logging
import os
import pickle
import platform
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from cxrtk.errors import ConfigError, CxrError
from cxrtk.passes.manifest import Entry
from cxrtk.passes.recipe import Recipe
from cxrtk.passes.runners.base import Task


@dataclass(frozen=True)
class Order:
    """Data for starting a worker.

    Attributes:
        recipe: Description of the pass.
        folder: Working directory of relative paths.
        level: Minimum level of log messages to return.
    """

    recipe: Recipe
    folder: str = field(default_factory=lambda: str(Path.cwd()))
    level: int = field(default_factory=lambda: logging.getLogger("cxrtk").getEffectiveLevel())


@dataclass(frozen=True)
class Report:
    """Report of a worker, first when it is ready, then after each batch.

    Attributes:
        number: Number of the batch; ``None`` in the first report.
        entries: Entries of its members; ``None`` if it had been processed before.
        made_by: In the first report, the model and settings that its entries would record.
        kind: In the first report, the kind of its machine; see `cxrtk.passes.runners.kind`.
        host: Host name.
        records: Log messages since the last report.
        error: Error that ends the pass.
        trace: Traceback of the error, if it is an internal error or one of a plugin.
    """

    number: int | None = None
    entries: Sequence[Entry] | None = None
    made_by: Mapping[str, Any] = field(default_factory=dict)
    kind: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    records: Sequence[logging.LogRecord] = ()
    error: CxrError | None = None
    trace: str = ""


class Worker:
    """One of several workers that process the batches of a pass."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._open = ExitStack()
        self._records: SimpleQueue[logging.LogRecord] = SimpleQueue()

    def start(self) -> Report:
        """Create step and readers; the first reading process starts while torch is imported."""
        logging.getLogger("cxrtk").setLevel(self.order.level)
        logging.root.handlers[:] = [QueueHandler(self._records)]
        try:
            return self._start()
        except Exception as error:  # noqa: BLE001 - it is raised where the pass is run
            return self._failed(None, error)

    def do(self, task: Task) -> Report:
        """Process a batch, or detect that it had been processed."""
        try:
            if self._batches.is_done(task.group, task.recorded):
                entries = None
            else:
                reads = list(self._batches.read(task.group))
                entries = self._batches.do(task.group, reads)
        except Exception as error:  # noqa: BLE001 - it is raised where the pass is run
            return self._failed(task.number, error)
        return Report(task.number, entries, records=self._said())

    def close(self) -> None:
        """Stop the processes that read."""
        self._open.close()

    def _start(self) -> Report:
        recipe, options = self.order.recipe, self.order.recipe.options
        try:
            os.chdir(self.order.folder)
        except OSError as error:
            raise ConfigError(
                f"{self.order.folder}: {platform.node()} has no such folder; every machine must see the same "
                "folders under the same paths."
            ) from error
        readers = [self._open.enter_context(files) for _, files in recipe.reading.sources()]
        readers[0].start()
        step = recipe.make_step()
        from cxrtk.passes.batch import Batches, made_by
        from cxrtk.passes.outputs import prefix
        from cxrtk.passes.runners.kind import kind

        made = made_by(step, options.batch_size)
        hidden = prefix(options.part_id, options.num_parts)
        self._batches = Batches(step, readers, recipe.output_dir, made, hidden)
        return Report(made_by=made, kind=kind(), host=platform.node(), records=self._said())

    def _failed(self, number: int | None, error: Exception) -> Report:
        trace = "" if isinstance(error, CxrError) else traceback.format_exc()
        return Report(number, error=_sendable(error), trace=trace, records=self._said())

    def _said(self) -> list[logging.LogRecord]:
        return [self._records.get() for _ in range(self._records.qsize())]


def _sendable(error: Exception) -> CxrError:
    """Return an error unchanged if it is a CxrError that can be unpickled by another process."""
    if isinstance(error, CxrError):
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:  # noqa: BLE001 - a plugin's own class may be anything
            return CxrError(str(error))
        return error
    return CxrError(f"{type(error).__name__}: {error}")
