"""Segmentation of a folder of radiographs, as run by ``bundles/inference.json``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.inference.segmentation.step import SegmentStep
from cxrtk.inference.segmentation.writing import FORMATS, SegmentationWriter
from cxrtk.passes.inputs import inputs_of
from cxrtk.passes.options import Options
from cxrtk.passes.reading import ReadAhead
from cxrtk.passes.walk import Result, run
from cxrtk.process.failures import release_errors

logger = logging.getLogger(__name__)


class Runner:
    """Segments all files of a reader, and writes masks, measures, tables and the manifest.

    Args:
        source: Input file or folder; the outputs mirror its structure.
        output_dir: Folder of the outputs.
        files: Iterator over the files, from `cxrtk.passes.read_ahead`; closed at the end of `run`.
        segmenter: Segments the radiographs.
        writers: Names of writer plugins.
        batch_size: Number of images per forward pass of the network.
        preview: Write pictures with the outlines of the masks.
        probabilities: Write the probabilities, at the network's size.
        go_on: Continue an earlier run in the output folder.
        hint: Instructions for continuing after a signal, for the message to the user.

    Raises:
        ConfigError: An argument is invalid.
        PluginNotFound: A writer does not exist.
    """

    def __init__(
        self,
        source: str | Path,
        output_dir: str | Path,
        files: ReadAhead,
        segmenter: Segmenter,
        *,
        writers: Sequence[str] = FORMATS,
        batch_size: int = 4,
        preview: bool = False,
        probabilities: bool = False,
        go_on: bool = False,
        hint: str = "",
    ) -> None:
        self.output_dir = Path(output_dir)
        self.files = files
        self.inputs = inputs_of([str(source)])
        self.step = SegmentStep(
            segmenter, SegmentationWriter(writers, preview=preview, probabilities=probabilities)
        )
        self.options = Options(batch_size, go_on=go_on, hint=hint)
        self.result = Result()

    def run(
        self,
        begin: Callable[[int], None] = lambda count: None,
        report: Callable[[int], None] = lambda count: None,
    ) -> Result:
        """Segment all files; see `cxrtk.passes.run` for the errors raised.

        Args:
            begin: Called with the number of files.
            report: Called after each batch with the number of files done.
        """
        sources = [(each, self.files) for each in self.inputs]
        self.result = run(self.step, sources, self.output_dir, self.options, begin=begin, report=report)
        counts = self.result.counts
        logger.info(
            "%d images segmented, %d failed; see %s.",
            counts.get("ok", 0),
            counts.get("failed", 0),
            self.output_dir,
        )
        return self.result

    def finish(self) -> None:
        """Exit the bundle's process with code 3 if files failed, as `cxrtk segment` does."""
        release_errors()
        if self.result.exit_code:
            raise SystemExit(self.result.exit_code)
