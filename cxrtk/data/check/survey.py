"""Every image of a reader examined, several at a time, each read in a process with limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.check.examine import Examined, examine
from cxrtk.data.reader_pool import ReaderPool

_AHEAD = 4  # jobs that wait, for each worker


class Survey(ReaderPool):
    """Readers in worker processes that examine images; use it in a ``with`` statement."""

    def examine(self, items: Sequence[Mapping[str, Any]], labelled: Sequence[bool]) -> Iterator[Examined]:
        """One result for each item, in their order; few of them wait at any time.

        Args:
            items: Of the reader.
            labelled: Whether to read the item's label.
        """
        tasks = zip(items, labelled, strict=True)
        return self.map(_examine, tasks, ahead=_AHEAD * self.num_workers)


def _examine(reader: Reader, task: tuple[Mapping[str, Any], bool]) -> Examined:
    item, has_label = task
    return examine(reader, item, labels=has_label)
