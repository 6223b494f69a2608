"""Training and validation loss by epoch (figure 5 of the paper)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxrtk.report.figures.canvas import COLOURS, GREY, Drawn, axes, drawn

PARTS = ("train", "validation")
CALLED = {"train": "Training", "validation": "Validation"}
MANY = 60  # number of points above which a line has no markers
LOOKS = {"train": ("-", None), "validation": ("--", "o")}  # distinguishable in greyscale, too


@dataclass(frozen=True)
class Curve:
    """Values of one quantity, at the epochs where it was measured."""

    epochs: Sequence[int]
    values: Sequence[float]


def curves(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Curve]:
    """Extract the ``train`` and ``validation`` curves of one quantity; a part without values is left out.

    Args:
        rows: Rows of ``metrics.jsonl``.
        name: Name of the quantity, such as ``loss`` or ``dice``. Epochs with a non-finite value are left out.
    """
    found = {}
    for part in PARTS:
        points = [
            (int(row["epoch"]), float(row[part][name]))
            for row in rows
            if (row.get(part) or {}).get(name) is not None
        ]
        if points:
            found[part] = Curve([epoch for epoch, _ in points], [value for _, value in points])
    return found


def best_epoch(rows: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the epoch of the weights in ``best.pt``; ``None`` before the first validation."""
    return next((int(row["epoch"]) for row in reversed(rows) if row.get("best")), None)


def draw(found: Mapping[str, Curve], best: int | None, *, name: str = "loss", label: str = "Loss") -> Drawn:
    """Plot both curves, and the epoch of the best checkpoint.

    Args:
        found: Curves from `curves`; not empty.
        best: Epoch from `best_epoch`.
        name: Name of the quantity, and stem of the files.
        label: Axis label of the quantity.
    """

    def put(figure: Figure) -> None:
        paper = axes(figure, "Epoch", label)
        for part, colour in zip(PARTS, COLOURS, strict=False):
            if part in found:
                curve, (dash, marker) = found[part], LOOKS[part]
                sign = marker if 1 < len(curve.epochs) <= MANY else "o" if len(curve.epochs) == 1 else None
                paper.plot(
                    curve.epochs, curve.values, dash, color=colour, marker=sign, markersize=3.5,
                    label=CALLED[part],
                )  # fmt: skip
        if best is not None:
            paper.axvline(best, color=GREY, linewidth=1, linestyle=":", label=f"Kept: epoch {best}")
        paper.xaxis.set_major_locator(MaxNLocator(integer=True))
        if label == "Loss":
            paper.set_ylim(bottom=0)
        paper.legend()

    ends = "; ".join(
        f"{CALLED[part].lower()} from {curve.values[0]:.4f} to {curve.values[-1]:.4f}"
        for part, curve in found.items()
    )
    missing = [CALLED[part].lower() for part in PARTS if part not in found]
    lacks = f" The run recorded no loss of its {missing[0]}." if missing and name == "loss" else ""
    kept = "" if best is None else f" The weights of epoch {best} were kept."
    return drawn(name, f"{label} by epoch", f"{label}: {ends}.{kept}{lacks}", put)
