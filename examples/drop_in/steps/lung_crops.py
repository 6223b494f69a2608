"""Each radiograph cropped to its lungs, as PNG: what a classifier may be trained on."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cxrtk import Job, Outcome, Segmentation, Segmenter, Step, load_model, passes, steps

BOX = ("row", "column", "height", "width")


@steps.register("lung_crops")
class LungCrops(Step):
    """Writes <stem>_lungs.png, the box around both lungs and a margin, and lung_crops.csv with the boxes.

    Args:
        model: As `cxrtk.load_model` takes it.
        margin: Added on each side, as a share of the box's height and width.
    """

    endings = ("_lungs",)

    def __init__(self, model: str = "lungs", margin: float = 0.05) -> None:
        self.segmenter = Segmenter(load_model(model))
        self.margin = margin

    def settings(self) -> Mapping[str, Any]:
        """The model and the margin."""
        return {"model": self.segmenter.about, "margin": self.margin}

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """One run of the network for the batch, then a crop of each."""
        paths = [Path(job.item["image"]) for job in batch]
        found = self.segmenter.batch([job.radiograph for job in batch], paths=paths)
        return [self._crop(job, segmentation) for job, segmentation in zip(batch, found, strict=True)]

    def _crop(self, job: Job, found: Segmentation) -> Outcome:
        rows, columns = np.nonzero(found.lungs())
        if rows.size == 0:
            return Outcome("failed", code="no_lungs", reason="no lungs were found")
        top, bottom = self._sides(rows, found.lungs().shape[0])
        left, right = self._sides(columns, found.lungs().shape[1])
        crop = job.radiograph.pixels[top:bottom, left:right]
        path = job.stem.with_name(f"{job.stem.name}_lungs.png")
        Image.fromarray(np.round(crop * 255).astype(np.uint8)).save(path)
        return Outcome("ok", dict(zip(BOX, (top, left, bottom - top, right - left), strict=True)), [path])

    def _sides(self, places: np.ndarray, length: int) -> tuple[int, int]:
        first, end = int(places.min()), int(places.max()) + 1
        margin = round(self.margin * (end - first))
        return max(0, first - margin), min(length, end + margin)

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """The boxes of all."""
        lines = ({"image": row["input"], **{name: row.get(name) for name in BOX}} for row in rows)
        return [passes.write_table(output_dir / "lung_crops.csv", lines, ("image", *BOX))]
