"""Step of `cxrtk segment`: masks, measures and the quality flag of each radiograph, as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxrtk.api import Job, Outcome, Radiograph, Segmentation, Step
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.inference.segmentation.writing import ENDINGS, SegmentationWriter


class SegmentStep(Step):
    """Segments a batch in one forward pass, and writes the files of each radiograph.

    Args:
        segmenter: Segments the radiographs.
        writer: Writes the segmentations.
    """

    endings = ENDINGS

    def __init__(self, segmenter: Segmenter, writer: SegmentationWriter) -> None:
        self.segmenter = segmenter
        self.writer = writer

    def settings(self) -> Mapping[str, Any]:
        """Return the model, the settings of its masks and the outputs."""
        made = self.segmenter
        return {
            "model": made.about,
            **self.writer.settings(),
            "threshold": made.threshold,
            "postprocess": made.postprocess,
            "convention": made.convention,
            "backend": made.predictor.backend.name,
            "precision": made.predictor.backend.precision,
        }

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Return one outcome per radiograph, with its measures and its quality flag."""
        paths = [Path(job.item["image"]) for job in batch]
        found = self.segmenter.batch([_with_view(job) for job in batch], paths=paths)
        return [self._write(job, segmentation) for job, segmentation in zip(batch, found, strict=True)]

    def _write(self, job: Job, segmentation: Segmentation) -> Outcome:
        files, refusal = self.writer.write(segmentation, job.stem)
        row = {"measures": segmentation.measures, "quality": segmentation.quality}
        if refusal is None:
            return Outcome("ok", row, files)
        return Outcome("failed", row, files, refusal.code, refusal.reason, refusal.cure or "")

    def unread(self) -> Mapping[str, Any]:
        """Return the row of a file that could not be read: no measures and no flag."""
        return {"measures": {}, "quality": {}}

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write the tables of the writers."""
        return self.writer.finish(rows, output_dir)


def _with_view(job: Job) -> Radiograph:
    """Return the radiograph with the view from a table of the source, unless its file states a view."""
    view = job.item.get("view")
    if not view or job.radiograph.meta.get("ViewPosition"):
        return job.radiograph
    return replace(job.radiograph, meta={**job.radiograph.meta, "ViewPosition": str(view)})
