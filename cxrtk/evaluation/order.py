"""Metrics of a table, created by name, in a fixed order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrtk.registry import check_arguments, metrics

ORDER = (
    "dice", "iou", "pixel_accuracy", "sensitivity", "specificity", "precision", "hd95", "assd", "nsd",
    "area_error", "roc_auc", "average_precision", "ece",
)  # fmt: skip


def in_order(names: Sequence[str]) -> list[str]:
    """Sort metrics: overlap, outlines, area, probabilities; third-party metrics last."""
    return [name for name in ORDER if name in names] + [name for name in names if name not in ORDER]


def metrics_of(arguments: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Create metrics: name -> metric.

    Args:
        arguments: Name -> arguments of the metric; ``None`` for all available metrics, in order.

    Raises:
        ConfigError: A metric does not accept its arguments.
        PluginNotFound: A metric does not exist.
    """
    chosen = {name: {} for name in in_order(metrics.names())} if arguments is None else arguments
    for name, own in chosen.items():
        check_arguments(metrics, name, own)
    return {name: metrics.create(name, **own) for name, own in chosen.items()}
