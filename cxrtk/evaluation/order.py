"""In which order a table has its metrics."""

from collections.abc import Sequence

ORDER = (
    "dice", "iou", "pixel_accuracy", "sensitivity", "specificity", "precision", "hd95", "assd", "nsd",
    "area_error", "roc_auc", "average_precision", "ece",
)  # fmt: skip


def in_order(names: Sequence[str]) -> list[str]:
    """Overlap, outlines, area, probabilities; those of other makers last."""
    return [name for name in ORDER if name in names] + [name for name in names if name not in ORDER]
