"""Output of `cxrtk findings`: scores of findings, and of activation maps if there are boxes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.cli.tables import print_json, print_table
from cxrtk.cli.walk import left_out, say_left_out
from cxrtk.data.boxes import read_boxes
from cxrtk.evaluation.finding_report import METRICS
from cxrtk.inference.classification.tables import LOCALISATION
from cxrtk.models.membership import SplitMembership, leakage_warnings, splits_beside
from cxrtk.passes.merge import rows_of
from cxrtk.passes.walk import Result
from cxrtk.wording import counted

SHOWN = (0.1, 0.3, 0.5)  # thresholds T of IoU@T on the screen; the file has all of them

Score = Mapping[str, Any]


def tell(result: Result, output: Path, model: str, boxes: Path | None, *, quiet: bool, as_json: bool) -> None:
    """Print the results as tables or as JSON; scores only if all parts are done.

    Args:
        result: Result of the pass.
        output: Output folder, from which the tables are read.
        model: Name of the model as given by the user.
        boxes: Path of the table of boxes.
        quiet: Print warnings only.
        as_json: Print JSON.
    """
    report = _read(output / METRICS) if output / METRICS in result.tables else {"findings": []}
    localisation = _read(output / LOCALISATION) if output / LOCALISATION in result.tables else []
    failed = result.counts.get("failed", 0)
    images = result.counts.get("ok", 0) + failed
    warnings = _warnings(output, model) if report["findings"] else []
    used = sum(row["boxes"] for row in rows_of(output)) if boxes and result.complete else 0
    without = len(read_boxes(boxes)) - used if boxes and result.complete else 0
    if as_json:
        print_json(
            {
                "images": images,
                "failed": failed,
                "left_out": left_out(result).total(),
                "findings": report["findings"],
                "localisation": localisation,
                "boxes_without_image": without,
                "warnings": warnings,
                "output": str(output),
            }
        )
        return
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if quiet:
        return
    _print_scores(report)
    _print_localisation(localisation, without)
    skipped = left_out(result)
    others = f", {say_left_out(skipped)}" if skipped else ""
    print(f"{counted(images, 'image')}, {failed} failed{others}; see {output}", file=sys.stderr)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _warnings(output: Path, model: str) -> list[str]:
    """Warnings about images that the model was trained on."""
    rows = [(row["part"], row["part_certain"]) for row in rows_of(output) if row["status"] != "left_out"]
    splits = splits_beside(model)
    known = SplitMembership(splits, certain=all(certain for _, certain in rows))
    return leakage_warnings([part for part, _ in rows], known)


def _print_scores(report: Mapping[str, Any]) -> None:
    rows = [
        {
            "finding": score["finding"],
            "positive images": f"{score['positive']} of {score['images']}",
            "AUC": _number(score["auc"]),
            "95 % interval": _interval(score["interval"]),
            "average precision": _number(score["average_precision"]),
        }
        for score in report["findings"]
    ]
    if not rows:
        return
    print_table(rows, list(rows[0]))
    mean, lacking = _number(report["metrics"].get("mean_auc")), len(report["without_auc"])
    print(f"Mean AUC {mean} over {len(rows) - lacking} findings; {lacking} have none.")


def _print_localisation(scores: Sequence[Score], without: int) -> None:
    rows = [
        {
            "finding": score["finding"],
            "images": str(score["cases"]),
            "pointing game": _rate(score["pointing"]),
            "95 % interval": _interval(score["pointing"]["interval"]),
            "blind": f"{score['chance']:.3f}",
            **{f"IoU@{limit}": _rate(score["iou"][str(limit)]) for limit in SHOWN},
            **{f"IoBB@{limit}": _rate(score["iobb"][str(limit)]) for limit in SHOWN},
        }
        for score in scores
    ]
    if not rows:
        return
    print_table(rows, list(rows[0]))
    if without:
        print(f"{without} boxes belong to images or findings that were not evaluated.")


def _rate(rate: Mapping[str, Any]) -> str:
    return f"{rate['hits'] / rate['cases']:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(ends: Sequence[float] | None) -> str:
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"
