"""Step that makes a lung mask of each radiograph with a mask generator."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cxrtk.api import Job, MaskGenerator, Outcome, Step
from cxrtk.data.generate import make_mask, preview
from cxrtk.data.outputs import reason
from cxrtk.data.table import write_table
from cxrtk.errors import CxrError

TABLE = "masks.csv"
NUMBERS = ("width", "height", "mean", "median", "threshold", "lung_fraction")
COLUMNS = ("image", *NUMBERS, "flags", "status", "reason")

logger = logging.getLogger(__name__)


class MaskStep(Step):
    """Step that writes ``<stem>_mask.png`` (0 and 255), ``<stem>_preview.jpg``, and the table ``masks.csv``.

    Args:
        generator: Mask generator.
        about: Name and arguments of the generator, JSON values.
    """

    endings = ("_mask", "_preview")

    def __init__(self, generator: MaskGenerator, about: Mapping[str, Any]) -> None:
        self.generator = generator
        self.about = about

    def settings(self) -> Mapping[str, Any]:
        """Return the mask generator."""
        return {"generator": self.about}

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Process radiographs one by one; a failure of the generator does not affect the others."""
        return [self._one(job) for job in batch]

    def _one(self, job: Job) -> Outcome:
        pixels = job.radiograph.pixels  # (H, W)
        try:
            mask, threshold = make_mask(self.generator, pixels)  # (H, W)
        except CxrError as error:
            return Outcome("failed", code="generator", reason=reason(error))
        except Exception as error:  # noqa: BLE001 - the plugin boundary: one image must not stop the others
            logger.warning("%s: %s: %s", job.name, type(error).__name__, error)
            why = f"unexpected {type(error).__name__}; the log says more"
            return Outcome("failed", code="generator", reason=why)
        files = [job.stem.with_name(job.stem.name + ending) for ending in ("_mask.png", "_preview.jpg")]
        Image.fromarray(mask * np.uint8(255)).save(files[0])
        preview(pixels, mask).save(files[1], quality=85)
        numbers = (
            pixels.shape[1],
            pixels.shape[0],
            round(float(pixels.mean(dtype=np.float64)), 6),
            round(float(np.median(pixels)), 6),
            threshold,
            round(float(mask.mean()), 6),
        )
        return Outcome("ok", dict(zip(NUMBERS, numbers, strict=True)), files)

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write the table."""
        return [write_table(output_dir / TABLE, _lines(rows), COLUMNS)]


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if row["status"] != "left_out":
            status = "empty" if row.get("lung_fraction") == 0 else row["status"]
            yield {**row, "image": row["input"], "status": status}
