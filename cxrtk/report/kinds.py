"""Which folder is which: the kinds of output that have a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxrtk.errors import ConfigError
from cxrtk.report import segmented
from cxrtk.report.segmented import Options


@dataclass(frozen=True)
class Kind:
    """One kind of folder.

    Attributes:
        name: What wrote it, and how it is known, in words.
        is_it: Whether a folder is of this kind.
        build: Folder, options and a function for the progress -> HTML.
    """

    name: str
    is_it: Callable[[Path], bool]
    build: Callable[[Path, Options, Callable[[int, int], None]], str]


KINDS = (Kind("the output of cxrtk segment (manifest.jsonl)", segmented.is_segmented, segmented.build),)


def kind_of(folder: Path) -> Kind:
    """The kind of a folder.

    Raises:
        ConfigError: There is no such folder, or it is of no kind that has a page.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder.")
    for kind in KINDS:
        if kind.is_it(folder):
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise ConfigError(f"{folder}: no folder that a report can be made of; known are: {known}.")
