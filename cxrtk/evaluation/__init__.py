"""Masks and probabilities -> numbers: tables of images, their summaries, and comparisons of two models.

What a bundle config names is looked up on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrtk.lazy import lookup

if TYPE_CHECKING:
    from cxrtk.evaluation.finding_report import FindingReport as FindingReport
    from cxrtk.evaluation.findings import FindingAuc as FindingAuc

_HOME_OF = {"FindingAuc": "findings", "FindingReport": "finding_report"}

__all__ = sorted(_HOME_OF)
__getattr__ = lookup(__name__, _HOME_OF)
