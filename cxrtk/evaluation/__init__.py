"""Masks and probabilities -> numbers: tables of images, their summaries, and comparisons of two models.

What a bundle config names is looked up on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrtk.evaluation.finding_report import FindingReport as FindingReport
    from cxrtk.evaluation.findings import FindingAuc as FindingAuc

_HOME_OF = {"FindingAuc": "findings", "FindingReport": "finding_report"}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cxrtk.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"cxrtk.evaluation.{_HOME_OF[name]}"), name)
