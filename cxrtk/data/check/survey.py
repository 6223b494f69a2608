"""Parallel examination of a reader's images in resource-limited processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.check.examine import Examined, examine
from cxrtk.data.reader_pool import ReaderPool

_AHEAD = 4  # queued jobs per worker


class Survey(ReaderPool):
    """Pool of reader processes that examine images; use it in a ``with`` statement."""

    def examine(self, items: Sequence[Mapping[str, Any]], labelled: Sequence[bool]) -> Iterator[Examined]:
        """Yield one result per item, in order, with a bounded queue.

        Args:
            items: Items of the reader.
            labelled: Whether to read the item's label.
        """
        tasks = zip(items, labelled, strict=True)
        return self.map(_examine, tasks, ahead=_AHEAD * self.num_workers)


def _examine(reader: Reader, task: tuple[Mapping[str, Any], bool]) -> Examined:
    item, has_label = task
    return examine(reader, item, labels=has_label)
