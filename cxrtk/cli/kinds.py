"""The kinds of plugins, as a choice on the command line."""

from __future__ import annotations

import enum


class Kind(str, enum.Enum):
    """A kind of plugin, one of `cxrtk.discovery.KINDS`."""

    readers = "readers"
    masks = "masks"
    networks = "networks"
    metrics = "metrics"
    writers = "writers"
    steps = "steps"
