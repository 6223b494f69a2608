"""Class activation maps of many files: a picture for each class, raw numbers where wanted, and a table."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import torch

from cxrtk.api import Radiograph
from cxrtk.data.atomic import replacing
from cxrtk.data.outputs import Job, reason
from cxrtk.errors import ConfigError
from cxrtk.explain.explainer import Explainer
from cxrtk.explain.pictures import save_overlay
from cxrtk.explain.similarity import Map, is_constant
from cxrtk.inference.classifier import Classifier, Prepared
from cxrtk.inference.lung_input import Box
from cxrtk.inference.model import CLASSIFICATION, Model
from cxrtk.inference.predict import prepare
from cxrtk.inference.segmenter import shown
from cxrtk.passes.reading import Read, ReadAhead

TABLE = "maps.csv"
SHORT = {"cam": "cam", "grad-cam": "gradcam"}  # in the names of files
UNITS = {"cam": "logit", "grad-cam": "Grad-CAM"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """One line of the table: a class of an image, or an image that failed.

    Attributes:
        image: Path under the input folder.
        status: ``ok``, ``constant`` (the map has no contrast) or ``failed``.
        reason: Why it failed; no header values.
        class_name: What is explained.
        method: ``cam`` or ``grad-cam``.
        layer: Whose maps were taken.
        rows: Of the map.
        columns: Of the map.
        least: Smallest value of the map.
        most: Largest value.
        peak_row: Where that lies, as a share of the image's height: the middle of the map's pixel. Blank
            for a constant map.
        peak_column: Likewise, of its width.
    """

    image: str
    status: str = "ok"
    reason: str = ""
    class_name: str = ""
    method: str = ""
    layer: str = ""
    rows: int | None = None
    columns: int | None = None
    least: float | None = None
    most: float | None = None
    peak_row: float | None = None
    peak_column: float | None = None


def explainer_of(
    model: Model, *, method: str = "cam", layer: str = "", classes: Sequence[str] = ()
) -> tuple[Explainer, tuple[str, ...]]:
    """What makes the maps of a model, and the names of the classes that it makes them of.

    Args:
        model: On its device.
        method: ``cam`` or ``grad-cam``.
        layer: See `Explainer`; empty to find it.
        classes: Some of the model's; empty for those that `cxrtk segment` writes.

    Raises:
        ConfigError: No such class, layer or method, or the model allows no class activation map.
    """
    spec = model.spec
    unknown = [name for name in classes if name not in spec.classes]
    if unknown:
        raise ConfigError(f"No class {unknown[0]!r} in {spec.name}; it has: {', '.join(spec.classes)}.")
    chosen = [spec.classes.index(name) for name in classes] or shown(spec)
    device = next(model.network.parameters()).device
    like = torch.randn(  # noise: no layer is silent
        1, spec.in_channels, spec.image_size, spec.image_size, generator=torch.Generator().manual_seed(0)
    )
    explainer = Explainer(model.network, like.to(device), method=method, layer=layer, classes=chosen)
    return explainer, tuple(spec.classes[number] for number in chosen)


class Preparer:
    """What the network of a model is fed of a radiograph, and what part of the image that is.

    Args:
        model: On its device; a classifier may look at the lungs alone.
    """

    def __init__(self, model: Model) -> None:
        self._spec = model.spec
        device = next(model.network.parameters()).device
        self._classifier = Classifier(model, device) if model.spec.task == CLASSIFICATION else None

    def __call__(self, radiograph: Radiograph, name: str = "an image") -> Prepared:
        """Prepare it as for the model's own results.

        Args:
            radiograph: Of any size.
            name: Of its file, for the warning where no lungs are found.
        """
        if self._classifier is not None:
            return self._classifier.prepare(radiograph, name)
        height, width = radiograph.pixels.shape
        tensor = prepare(radiograph.pixels, self._spec.image_size).expand(self._spec.in_channels, -1, -1)
        return Prepared(tensor, Box(0, height, 0, width), (height, width))


def readable(reads: Iterator[Read], count: int) -> tuple[list[Radiograph], int]:
    """The first `count` radiographs that can be read, and how many files before them could not."""
    found: list[Radiograph] = []
    failed = 0
    for read in reads:
        if read.radiograph is None:
            logger.warning("%s", read.error)
            failed += 1
        else:
            found.append(read.radiograph)
        if len(found) == count:
            break
    return found, failed


def run(
    jobs: Sequence[Job],
    files: ReadAhead,
    model: Model,
    explainer: Explainer,
    names: Sequence[str],
    output_dir: Path,
    *,
    raw: bool = False,
    report: Callable[[int], None] = lambda count: None,
) -> list[Row]:
    """Write ``<stem>_<class>_cam.png`` of each image and class, and ``maps.csv``.

    Args:
        jobs: As `cxrtk.inference.batch.plan` gives them.
        files: Reads them.
        model: What is explained, on its device.
        explainer: Of it; see `explainer_of`.
        names: Of the explainer's classes.
        output_dir: Where the table goes.
        raw: Also write ``<stem>_cam.npy``: (classes, h, w) float32 on the layer's own grid.
        report: Told after each image that one more was done.
    """
    rows: list[Row] = []
    prepare_one = Preparer(model)
    try:
        for job, read in zip(jobs, files.read(job.image for job in jobs), strict=True):
            if read.radiograph is None:
                assert read.error is not None
                logger.warning("%s", read.error)
                rows.append(Row(job.name, "failed", reason(read.error)))
            else:
                prepared = prepare_one(read.radiograph, job.image)
                rows += _one(job, read.radiograph, prepared, explainer, names, raw=raw)
            report(1)
    finally:  # one by one: what was done stays if one raises
        write_table(rows, output_dir / TABLE)
    return rows


def _one(
    job: Job,
    radiograph: Radiograph,
    prepared: Prepared,
    explainer: Explainer,
    names: Sequence[str],
    *,
    raw: bool,
) -> list[Row]:
    device = next(explainer.network.parameters()).device
    maps = explainer(prepared.tensor[None].to(device))[0].numpy(force=True)  # (C, h, w)
    box, whole = prepared.box, prepared.shape
    ending = SHORT[explainer.method]
    if raw:
        with replacing(job.stem.with_name(f"{job.stem.name}_{ending}.npy")) as part:
            np.save(part, maps)
    rows = []
    for name, found in zip(names, maps, strict=True):
        path = job.stem.with_name(f"{job.stem.name}_{_in_file_name(name)}_{ending}.png")
        shown_map = over_the_whole(found, box, whole)
        signed, title = explainer.method == "cam", f"{name}, {UNITS[explainer.method]}"
        save_overlay(radiograph.pixels, shown_map, path, signed=signed, title=title)
        height, width = found.shape
        flat = is_constant(found)
        row, column = divmod(int(found.argmax()), width)
        rows.append(
            Row(
                job.name,
                "constant" if flat else "ok",
                "",
                name,
                explainer.method,
                explainer.layer,
                height,
                width,
                round(float(found.min()), 6),
                round(float(found.max()), 6),
                None if flat else _share(box.top, box.bottom, (row + 0.5) / height, whole[0]),
                None if flat else _share(box.left, box.right, (column + 0.5) / width, whole[1]),
            )
        )
    return rows


def over_the_whole(found: Map, box: Box, shape: tuple[int, int]) -> Map:
    """A map of a part of an image, 0 elsewhere; one of the whole image as it is.

    Args:
        found: (h, w) of any size.
        box: The part that it lies over.
        shape: (rows, columns) of the image.
    """
    if box == (0, shape[0], 0, shape[1]):
        return found
    size = (box.bottom - box.top, box.right - box.left)
    canvas = np.zeros(shape, np.float32)
    fitted = torch.nn.functional.interpolate(torch.from_numpy(found)[None, None], size, mode="bilinear")
    canvas[box.top : box.bottom, box.left : box.right] = fitted[0, 0].numpy()
    return canvas


def _share(start: int, end: int, within: float, length: int) -> float:
    """Where a share of a part lies, as a share of the whole length."""
    return round((start + within * (end - start)) / length, 4)


def _in_file_name(class_name: str) -> str:
    """A class is named by whoever made the model: no slash of it may lead elsewhere."""
    return re.sub(r"[^\w-]+", "_", class_name)


def write_table(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as CSV; what is ``None`` is left blank."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)
