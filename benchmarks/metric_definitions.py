"""The same masks by the definitions of cxrtk (MONAI's), Google DeepMind's surface-distance, and medpy.

    pip install surface-distance medpy absl-py
    python benchmarks/metric_definitions.py --data ../shared/data

Prints the tables of docs/metrics.md: distances of outlines of pairs of masks, then ROC-AUC, average precision
and calibration error of a large image by cxrtk, MONAI and scikit-learn. cxrtk itself needs neither library.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import surface_distance
import torch
from medpy.metric import binary
from monai.metrics.average_precision import compute_average_precision
from monai.metrics.calibration import CalibrationErrorMetric
from monai.metrics.rocauc import compute_roc_auc
from sklearn.metrics import average_precision_score, roc_auc_score

from cxrtk import masks, metrics, readers
from cxrtk.data.generate import make_mask

Mask = npt.NDArray[np.bool_]
Spacing = tuple[float, float]
Definition = Callable[[Mask, Mask, Spacing], float]

SHAPE = (40, 56)
TOLERANCE = 2.0
LARGE = (2048, 2048)
vars(np).setdefault("Inf", np.inf)  # surface-distance 0.1 asks for it where a mask is empty; NumPy 2 has none


def disc(row: float, column: float, radius: float) -> Mask:
    """(40, 56): a filled circle."""
    rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
    inside: Mask = (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
    return inside


def pixel(row: int, column: int) -> Mask:
    """(40, 56): one pixel."""
    mask = np.zeros(SHAPE, bool)
    mask[row, column] = True
    return mask


def pairs(data: Path) -> list[tuple[str, Mask, Mask, Spacing]]:
    """(what, prediction, truth, spacing)."""
    two = disc(20, 14, 9) | disc(18, 40, 11)
    reader = readers.create("image_mask_folder", root=str(data / "jsrt"), heart="excluded")
    item = reader.items()[0]
    lungs = reader.read_label(item).lungs().astype(bool)
    generated = make_mask(masks.create("mean_threshold"), reader.read(item["image"]).pixels)[0].astype(bool)
    return [
        (f"jsrt {item['stem']}: `mean_threshold`, human", generated, lungs, (1.0, 1.0)),
        ("the same, 1.6 mm a pixel", generated, lungs, (1.6, 1.6)),
        ("disc, shifted by (2, 3)", disc(20, 28, 12), disc(22, 31, 12), (1.0, 1.0)),
        ("the same, 0.5 x 2 mm a pixel", disc(20, 28, 12), disc(22, 31, 12), (0.5, 2.0)),
        ("disc inside a disc", disc(20, 28, 5), disc(20, 28, 15), (1.0, 1.0)),
        ("two discs, one found", disc(20, 14, 9), two, (1.0, 1.0)),
        ("two discs and a far pixel", two | pixel(39, 55), two, (1.0, 1.0)),
        ("discs that touch the border", disc(0, 0, 15), disc(0, 3, 15), (1.0, 1.0)),
        ("full, disc", np.ones(SHAPE, bool), disc(20, 28, 12), (1.0, 1.0)),
        ("one pixel, one pixel 3 rows away", pixel(3, 20), pixel(6, 20), (1.0, 1.0)),
        ("nothing, disc", np.zeros(SHAPE, bool), disc(20, 28, 12), (1.0, 1.0)),
        ("disc, nothing", disc(20, 28, 12), np.zeros(SHAPE, bool), (1.0, 1.0)),
        ("nothing, nothing", np.zeros(SHAPE, bool), np.zeros(SHAPE, bool), (1.0, 1.0)),
    ]


def ours(name: str) -> Definition:
    """A metric of cxrtk."""

    def value(prediction: Mask, truth: Mask, spacing: Spacing) -> float:
        metric = metrics.create(name)
        both = (torch.from_numpy(mask.astype(np.float32))[None, None] for mask in (prediction, truth))
        return float(metric(*both, spacing=spacing))

    return value


def google(name: str) -> Definition:
    """One of surface-distance, whose outlines run between pixels and whose elements have lengths."""

    def value(prediction: Mask, truth: Mask, spacing: Spacing) -> float:
        distances = surface_distance.compute_surface_distances(truth, prediction, spacing)
        if name == "hd95":
            return float(surface_distance.compute_robust_hausdorff(distances, 95))
        if name == "assd":
            return float(np.mean(surface_distance.compute_average_surface_distance(distances)))
        return float(surface_distance.compute_surface_dice_at_tolerance(distances, TOLERANCE))

    return value


def medpy(name: str) -> Definition:
    """One of medpy, which has no surface Dice."""
    return lambda prediction, truth, spacing: float(getattr(binary, name)(prediction, truth, spacing))


DEFINITIONS: dict[str, dict[str, Definition]] = {
    "HD95": {"cxrtk": ours("hd95"), "surface-distance": google("hd95"), "medpy": medpy("hd95")},
    "ASSD": {"cxrtk": ours("assd"), "surface-distance": google("assd"), "medpy": medpy("assd")},
    f"NSD at {TOLERANCE:g}": {"cxrtk": ours("nsd"), "surface-distance": google("nsd")},
}


def said(definition: Definition, prediction: Mask, truth: Mask, spacing: Spacing) -> str:
    """Its value, or that it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return f"{definition(prediction, truth, spacing):.4f}"
        except RuntimeError:
            return "error"


def outlines(data: Path) -> None:
    """Print the table of distances."""
    header = [f"{metric} {library}" for metric, some in DEFINITIONS.items() for library in some]
    print("| prediction, truth | " + " | ".join(header) + " |\n" + "| --- " * (len(header) + 1) + "|")
    for what, prediction, truth, spacing in pairs(data):
        values = [
            said(definition, prediction, truth, spacing)
            for some in DEFINITIONS.values()
            for definition in some.values()
        ]
        print(f"| {what} | " + " | ".join(values) + " |")


def large_image() -> None:
    """Print the table of per-pixel metrics: value and seconds."""
    rng = np.random.default_rng(0)
    truth = rng.random(LARGE) < 0.4
    values = np.clip(rng.normal(np.where(truth, 0.7, 0.3), 0.3), 0, 1).astype(np.float32)
    pair = [torch.from_numpy(array.astype(np.float32))[None, None] for array in (values, truth)]
    flat = [tensor.ravel() for tensor in pair]
    numbers = values.ravel().astype(np.float64)
    borders = torch.linspace(0, 1 + torch.finfo(torch.float32).eps, 21)[1:].double().numpy()
    bins = np.searchsorted(borders, numbers)
    reference = sum(abs((numbers - truth.ravel())[bins == k].sum()) for k in range(20)) / numbers.size
    rows: list[tuple[str, dict[str, Callable[[], float]]]] = [
        (
            "roc_auc",
            {
                "cxrtk": lambda: float(metrics.create("roc_auc")(*pair)),
                "MONAI": lambda: float(np.asarray(compute_roc_auc(*flat))),
                "reference": lambda: float(roc_auc_score(truth.ravel(), numbers)),
            },
        ),
        (
            "average_precision",
            {
                "cxrtk": lambda: float(metrics.create("average_precision")(*pair)),
                "MONAI": lambda: float(np.asarray(compute_average_precision(*flat))),
                "reference": lambda: float(average_precision_score(truth.ravel(), numbers)),
            },
        ),
        (
            "ece",
            {
                "cxrtk": lambda: float(metrics.create("ece")(*pair)),
                "MONAI": lambda: float(CalibrationErrorMetric()(*pair)),
                "reference": lambda: float(reference),
            },
        ),
    ]
    print(
        f"\n{LARGE[0]} x {LARGE[1]} pixels\n\n| metric | cxrtk (s) | MONAI (s) | reference |\n"
        + "| --- " * 4
        + "|"
    )
    for name, some in rows:
        cells = []
        for library, value in some.items():
            started = time.perf_counter()
            cell = f"{value():.7f}"
            seconds = time.perf_counter() - started
            cells.append(cell if library == "reference" else f"{cell} ({seconds:.1f})")
        print(f"| `{name}` | " + " | ".join(cells) + " |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    outlines(parser.parse_args().data)
    large_image()


if __name__ == "__main__":
    main()
