"""Test results of a run, from ``test_metrics.json`` and MONAI's ``test/*_raw.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from cxrtk.errors import DataError
from cxrtk.report.document import Table
from cxrtk.report.evaluated_tables import name_of
from cxrtk.report.json_file import read_object
from cxrtk.report.table import Cell, Column, Row, number_cell
from cxrtk.report.words import printable

FILE = "test_metrics.json"
FOLDER = "test"
RAW = "_raw.csv"


@dataclass(frozen=True)
class Tested:
    """Results on the test images.

    Attributes:
        means: Mean of each metric, as written by the run.
        images: Number of images.
        truth: Origin of the ground truth masks.
        resolution: Image size at which the metrics were computed.
        names: Names of the images, in the order of the values.
        values: Values per image of each metric, if the run kept them; NaN if undefined.
        findings: Scores of each finding, for a classifier.
    """

    means: Mapping[str, float]
    images: int
    truth: str
    resolution: str
    names: Sequence[str] = ()
    values: Mapping[str, Sequence[float]] = field(default_factory=dict)
    findings: Sequence[Mapping[str, Any]] = ()


def read(folder: Path) -> Tested | None:
    """Read the test results of a run; return ``None`` if there are none.

    Raises:
        DataError: A file is damaged, or two files belong to different images.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    content = read_object(path)
    names: list[str] = []
    values: dict[str, Sequence[float]] = {}
    for raw in sorted((folder / FOLDER).glob(f"*{RAW}")):
        images, found = _values(raw)
        if names and images != names:
            raise DataError(f"{raw}: belongs to other images than the files next to it; test the run again.")
        names = images
        values[raw.name.removesuffix(RAW)] = found
    try:
        means = {str(name): float(value) for name, value in content["metrics"].items()}
        order = [*means, *(name for name in values if name not in means)]
        return Tested(
            means,
            int(content.get("images") or len(names)),
            str(content.get("truth", "")),
            str(content.get("resolution", "the size of the network's input")),
            names,
            {name: values[name] for name in order if name in values},
            content.get("findings", ()),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path}: is not a test that a run wrote: {error}.") from error


def tables(tested: Tested) -> list[Table]:
    """Return the summary table and the table of images."""
    if not tested.values:
        return []
    columns = [
        Column("Metric", numeric=False),
        *map(Column, ("Mean", "Median", "SD", "Lowest", "Highest", "Images")),
    ]
    summary = [Row(_summed_up(name, values)) for name, values in tested.values.items()]
    heads = [Column("Image", numeric=False), *(Column(name_of(name)) for name in tested.values)]
    lines = [
        Row(
            [
                Cell(name, name),
                *(number_cell(_finite(values[place]), ".4f") for values in tested.values.values()),
            ]
        )
        for place, name in enumerate(tested.names)
    ]
    return [
        Table("test", "Test images together", columns, summary),
        Table("test_images", "Each test image", heads, lines),
    ]


def _summed_up(name: str, values: Sequence[float]) -> list[Cell]:
    some = np.array([value for value in values if np.isfinite(value)])
    spread = float(some.std(ddof=1)) if len(some) > 1 else None
    numbers = (
        (float(some.mean()), float(np.median(some)), spread, float(some.min()), float(some.max()))
        if len(some)
        else (None,) * 5
    )
    return [
        Cell(name_of(name), name),
        *(number_cell(value, ".4f") for value in numbers),
        Cell(f"{len(some):,}" + (f" of {len(values):,}" if len(some) < len(values) else ""), len(some)),
    ]


def _values(path: Path) -> tuple[list[str], list[float]]:
    """Read the name of each image (without folders) and its mean over the classes."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return (
            [printable(PurePath(row["filename"]).name) for row in rows],
            [float(row["mean"]) for row in rows],
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: is not a table of images that MONAI wrote: {error!r}.") from error


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
