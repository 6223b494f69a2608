"""Parallel examination of a reader's images in resource-limited processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.check.examine import Examined, Expect, examine
from cxrtk.data.check.expected import expected_masks
from cxrtk.data.reader_pool import ReaderPool

_AHEAD = 4  # queued jobs per worker


class Survey(ReaderPool):
    """Pool of reader processes that examine images; use it in a ``with`` statement.

    Args:
        name: Name of the reader plugin.
        arguments: Arguments of the reader, as JSON values.
        expect: Function that estimates the positions of the organs in a picture, to compare with its label;
            it is called by several threads.
        limits: `num_workers`, `timeout` and `memory_gb` of the pool.
    """

    def __init__(
        self, name: str, arguments: Mapping[str, Any], *, expect: Expect = expected_masks, **limits: Any
    ) -> None:
        super().__init__(name, arguments, **limits)
        self.expect = expect

    def examine(self, items: Sequence[Mapping[str, Any]], labelled: Sequence[bool]) -> Iterator[Examined]:
        """Yield one result per item, in order, with a bounded queue.

        Args:
            items: Items of the reader.
            labelled: Read the labels of the items.
        """
        tasks = zip(items, labelled, strict=True)
        return self.map(partial(_examine, self.expect), tasks, ahead=_AHEAD * self.num_workers)


def _examine(expect: Expect, reader: Reader, task: tuple[Mapping[str, Any], bool]) -> Examined:
    item, has_label = task
    return examine(reader, item, labels=has_label, expect=expect)
