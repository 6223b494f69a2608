"""How an evaluation is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cxrtk.evaluation.bootstrap import RESAMPLES


@dataclass(frozen=True)
class EvaluationOptions:
    """How it is evaluated.

    Attributes:
        split: ``auto``, ``test``, ``validation``, ``train`` or ``all``; see `cxrtk.models.membership.choose`.
        by: Columns whose values are summed up apart.
        masks: Write the predicted masks.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.
        settings: Of the metrics, for the record.
    """

    split: str = "auto"
    by: Sequence[str] = ()
    masks: bool = True
    resamples: int = RESAMPLES
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
