"""Losses by epoch, in training and in validation (the paper's figure 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxrtk.report.figures.canvas import COLOURS, GREY, Drawn, axes, drawn

PARTS = ("train", "validation")
CALLED = {"train": "Training", "validation": "Validation"}
MANY = 60  # points from which a line without signs reads better
LOOKS = {"train": ("-", None), "validation": ("--", "o")}  # apart in grey, too


@dataclass(frozen=True)
class Curve:
    """One number by epoch, where it was measured."""

    epochs: Sequence[int]
    values: Sequence[float]


def curves(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Curve]:
    """``train`` and ``validation`` -> the curve of one number; a part that has none of it is left out.

    Args:
        rows: Of ``metrics.jsonl``.
        name: As ``loss`` or ``dice``. Epochs whose number was not finite are left out.
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
    """The epoch whose weights are ``best.pt``; ``None`` before the first validation."""
    return next((int(row["epoch"]) for row in reversed(rows) if row.get("best")), None)


def draw(found: Mapping[str, Curve], best: int | None, *, name: str = "loss", label: str = "Loss") -> Drawn:
    """Both curves, and the epoch that was kept.

    Args:
        found: As `curves` gives it; not empty.
        best: As `best_epoch` gives it.
        name: Of the number and of the files.
        label: Of the number, in words.
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
    lacks = f" The run kept no loss of its {missing[0]}." if missing and name == "loss" else ""
    kept = "" if best is None else f" The weights of epoch {best} were kept."
    return drawn(name, f"{label} by epoch", f"{label}: {ends}.{kept}{lacks}", put)
