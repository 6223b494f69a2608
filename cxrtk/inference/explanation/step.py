"""Step of `cxrtk explain`: an overlay per class and radiograph, optionally the raw maps, and a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk.api import Job, Outcome, Step
from cxrtk.data.table import write_table
from cxrtk.errors import ConfigError
from cxrtk.explain.explainer import Explainer
from cxrtk.explain.pictures import save_overlay
from cxrtk.explain.similarity import Map, is_constant
from cxrtk.inference.classification.classifier import ClassifierInput
from cxrtk.inference.explanation.preparing import Preparer, over_the_whole
from cxrtk.passes.plan import shared_endings

TABLE = "maps.csv"
COLUMNS = (
    "image",  # path relative to the input folder
    "status",  # ok, constant (the map has no contrast) or failed
    "reason",  # reason of the failure, without header values
    "flags",  # flags that the reader gave the radiograph
    "class_name",
    "method",
    "layer",  # layer that the maps were taken from
    "rows",
    "columns",
    "least",
    "most",
    "peak_row",  # row of the maximum (pixel centre), as a fraction of the image height
    "peak_column",
)
SHORT = {"cam": "cam", "grad-cam": "gradcam"}  # used in file names
UNITS = {"cam": "logit", "grad-cam": "Grad-CAM"}


class ExplainStep(Step):
    """Writes ``<stem>_<class>_cam.png`` of each radiograph and class, and ``maps.csv`` of all.

    Args:
        preparer: Prepares the network input of a radiograph.
        explainer: Makes the maps; see `cxrtk.inference.explanation.preparing.explainer_of`.
        names: Names of the explainer's classes.
        raw: Also write ``<stem>_cam.npy``: (classes, h, w) float32 at the resolution of the layer.

    Raises:
        ConfigError: Two classes would be written to the same file.
    """

    def __init__(
        self, preparer: Preparer, explainer: Explainer, names: Sequence[str], *, raw: bool = False
    ) -> None:
        self.preparer = preparer
        self.explainer = explainer
        self.names = tuple(names)
        self.raw = raw
        self._ending = f"_{SHORT[explainer.method]}"
        self._endings = [f"_{_in_file_name(name)}{self._ending}" for name in names]
        if len({ending.casefold() for ending in self._endings}) < len(names):
            raise ConfigError(
                f"Of {', '.join(names)}, two would share a file; name one of them by --classes, and run the "
                "other into another folder."
            )
        self.endings = shared_endings(self._endings)

    def settings(self) -> Mapping[str, Any]:
        """Return the model, the method and the outputs."""
        made = {"method": self.explainer.method, "layer": self.explainer.layer}
        return {**self.preparer.settings(), **made, "classes": list(self.names), "raw": self.raw}

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Return one outcome per radiograph; ``maps`` in its row holds the values of each class."""
        return [self._one(job) for job in batch]

    def unread(self) -> Mapping[str, Any]:
        """Return the row of a file that could not be read: no maps."""
        return {"maps": []}

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write the table, without the files that were left out."""
        return [write_table(output_dir / TABLE, self._lines(rows), COLUMNS)]

    def _one(self, job: Job) -> Outcome:
        prepared = self.preparer(job.radiograph, str(job.item["image"]))
        device = next(self.explainer.network.parameters()).device
        maps = self.explainer(prepared.tensor[None].to(device))[0].numpy(force=True)  # (C, h, w)
        if not np.isfinite(maps).all():
            reason = "the network's maps of it hold NaN or an infinite number; check the network's weights"
            return Outcome("failed", self.unread(), code="values", reason=reason)
        files = []
        if self.raw:
            files.append(job.stem.with_name(f"{job.stem.name}{self._ending}.npy"))
            np.save(files[0], maps)
        for name, ending, found in zip(self.names, self._endings, maps, strict=True):
            files.append(job.stem.with_name(f"{job.stem.name}{ending}.png"))
            self._draw(job, prepared, name, found, files[-1])
        numbers = [_numbers(name, found, prepared) for name, found in zip(self.names, maps, strict=True)]
        return Outcome("ok", {"maps": numbers}, files)

    def _draw(self, job: Job, prepared: ClassifierInput, name: str, found: Map, path: Path) -> None:
        method = self.explainer.method
        shown = over_the_whole(found, prepared.box, prepared.shape)
        title = f"{name}, {UNITS[method]}"
        save_overlay(job.radiograph.pixels, shown, path, signed=method == "cam", title=title)

    def _lines(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield one line per class of a radiograph, or a single line for a radiograph that failed."""
        made = {"method": self.explainer.method, "layer": self.explainer.layer}
        for row in rows:
            if row["status"] == "failed":
                yield {"image": row["input"], "status": "failed", "reason": row["reason"]}
            elif row["status"] == "ok":
                about = {"image": row["input"], "flags": row.get("flags"), **made}
                yield from ({**about, **each} for each in row["maps"])


def _numbers(name: str, found: Map, prepared: ClassifierInput) -> dict[str, Any]:
    """Return the values of one map for the table; a map without contrast has no peak."""
    box, (height, width) = prepared.box, prepared.shape
    flat = is_constant(found)
    row, column = divmod(int(found.argmax()), found.shape[1])
    return {
        "class_name": name,
        "status": "constant" if flat else "ok",
        "rows": found.shape[0],
        "columns": found.shape[1],
        "least": round(float(found.min()), 6),
        "most": round(float(found.max()), 6),
        "peak_row": None if flat else _share(box.top, box.bottom, (row + 0.5) / found.shape[0], height),
        "peak_column": None if flat else _share(box.left, box.right, (column + 0.5) / found.shape[1], width),
    }


def _share(start: int, end: int, within: float, length: int) -> float:
    """Convert a fraction of a part to a fraction of the whole length."""
    return round((start + within * (end - start)) / length, 4)


def _in_file_name(class_name: str) -> str:
    """Make a class name safe in a file name: a slash in a model's class name must not change the folder."""
    return re.sub(r"[^\w-]+", "_", class_name)
