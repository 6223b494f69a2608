"""The metrics of a table, made by name, in the order in which it has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrtk.registry import check_arguments, metrics

ORDER = (
    "dice", "iou", "pixel_accuracy", "sensitivity", "specificity", "precision", "hd95", "assd", "nsd",
    "area_error", "roc_auc", "average_precision", "ece",
)  # fmt: skip


def in_order(names: Sequence[str]) -> list[str]:
    """Overlap, outlines, area, probabilities; those of other makers last."""
    return [name for name in ORDER if name in names] + [name for name in names if name not in ORDER]


def metrics_of(arguments: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Name -> metric.

    Args:
        arguments: Name -> arguments of the metric; ``None`` for all that there are, in their order.

    Raises:
        ConfigError: A metric does not take its arguments.
        PluginNotFound: There is no such metric.
    """
    chosen = {name: {} for name in in_order(metrics.names())} if arguments is None else arguments
    for name, own in chosen.items():
        check_arguments(metrics, name, own)
    return {name: metrics.create(name, **own) for name, own in chosen.items()}
