"""One or 100,000 files -> masks at original size, measures, quality flags, a manifest.

What a bundle config names is looked up on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrtk.inference.find import find_model as find_model
    from cxrtk.inference.lung_input import LungInputd as LungInputd
    from cxrtk.inference.reading import read_ahead as read_ahead
    from cxrtk.inference.runner import Runner as Runner
    from cxrtk.inference.segmenter import Segmenter as Segmenter

_HOME_OF = {
    "LungInputd": "lung_input",
    "Runner": "runner",
    "Segmenter": "segmenter",
    "find_model": "find",
    "read_ahead": "reading",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cxrtk.inference' has no attribute {name!r}")
    return getattr(import_module(f"cxrtk.inference.{_HOME_OF[name]}"), name)
