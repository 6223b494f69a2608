"""A folder of radiographs -> a folder of results, as ``bundles/inference.json`` runs it."""

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
    """Segments all that a reader lists, and writes masks, measures, tables and the manifest.

    Args:
        source: The file or folder given, which the outputs mirror.
        output_dir: Where they go.
        files: Reads the files, as `cxrtk.passes.read_ahead` makes it; closed at the end of `run`.
        segmenter: Finds the masks.
        writers: Names of writer plugins.
        batch_size: Images that share one run of the network.
        preview: Write pictures of the masks.
        probabilities: Write probabilities, on the network's grid.
        go_on: Continue what is in the output folder.
        hint: How a user goes on where a signal stopped it.

    Raises:
        ConfigError: One of these makes no sense.
        PluginNotFound: There is no such writer.
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
        """Segment all files; see `cxrtk.passes.run` for what it raises.

        Args:
            begin: Told how many files there are.
            report: Told after each batch how many files were done.
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
        """End a bundle's process with exit code 3 where files failed, as `cxrtk segment` does."""
        release_errors()
        if self.result.exit_code:
            raise SystemExit(self.result.exit_code)
