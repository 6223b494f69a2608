"""Options of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cxrtk.evaluation.bootstrap import RESAMPLES


@dataclass(frozen=True)
class EvaluationOptions:
    """Options of an evaluation.

    Attributes:
        split: ``auto``, ``test``, ``validation``, ``train`` or ``all``; see `cxrtk.models.membership.choose`.
        by: Columns by which the results are also grouped.
        masks: Write the predicted masks.
        resamples: Number of bootstrap resamples.
        seed: Seed of the bootstrap.
        settings: Settings of the metrics, for the record.
    """

    split: str = "auto"
    by: Sequence[str] = ()
    masks: bool = True
    resamples: int = RESAMPLES
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
