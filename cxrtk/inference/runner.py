"""A folder of radiographs -> a folder of results: what `cxrtk segment` and ``bundles/inference.json`` run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cxrtk.inference import batch
from cxrtk.inference.batch import Options, Result
from cxrtk.inference.reading import ReadAhead
from cxrtk.inference.segmenter import Segmenter
from cxrtk.registry import writers as writer_plugins
from cxrtk.training.failures import release_errors
from cxrtk.training.signals import guarded_signals

SOME_FAILED = 3  # exit code
FORMATS = ("png", "json", "csv")

logger = logging.getLogger(__name__)


class Runner:
    """Segments all that a reader lists, and writes masks, measures, tables and the manifest.

    Args:
        source: The file or folder given, which the outputs mirror.
        output_dir: Where they go.
        files: Reads the files, as `read_ahead` makes it; closed at the end of `run`.
        segmenter: Finds the masks.
        writers: Names of writer plugins.
        batch_size: Images that share one run of the network.
        preview: Write pictures of the masks.
        probabilities: Write probabilities, on the network's grid.
        num_parts: Processes that share the work.
        part_id: Which of them this is, from 0.
        go_on: Continue what is in the output folder.
        on_error: ``skip`` a file that cannot be read, or ``stop``.
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
        num_parts: int = 1,
        part_id: int = 0,
        go_on: bool = False,
        on_error: str = "skip",
        hint: str = "",
    ) -> None:
        self.source, self.output_dir = Path(source), Path(output_dir)
        self.files, self.segmenter, self.hint = files, segmenter, hint
        self.options = Options(
            batch_size, preview, probabilities, num_parts, part_id, go_on=go_on, on_error=on_error
        )
        names = [name.strip().replace("-", "_") for name in writers if name.strip()]
        self.writers = [writer_plugins.create(name) for name in dict.fromkeys(names)]
        self.settings = {
            "writers": names,
            "threshold": segmenter.threshold,
            "postprocess": segmenter.postprocess,
            **{key: asdict(self.options)[key] for key in ("batch_size", "preview", "probabilities")},
        }
        self.result = Result()

    def run(
        self, begin: Callable[[int], None] | None = None, report: Callable[[int], None] | None = None
    ) -> Result:
        """Segment all files of this part; see `cxrtk.inference.batch.run` for what it raises.

        Args:
            begin: Told how many files there are.
            report: Told after each group how many files were done.
        """
        with guarded_signals(self.hint), self.files as files:
            images = [str(item["image"]) for item in files.reader.items()]
            jobs = batch.plan(images, self.source, self.output_dir)
            if begin is not None:
                begin(len(jobs))
            more: dict[str, Any] = {} if report is None else {"report": report}
            self.result = batch.run(
                jobs,
                files,
                self.segmenter,
                self.writers,
                self.output_dir,
                self.options,
                settings=self.settings,
                **more,
            )
        failed = len(self.result.failed)
        done = len(self.result.entries) - failed
        logger.info("%d images segmented, %d failed; see %s.", done, failed, self.output_dir)
        return self.result

    def finish(self) -> None:
        """The end of a bundle's process: exit code 3 where files failed, as `cxrtk segment` has it."""
        release_errors()
        if self.result.failed:
            raise SystemExit(SOME_FAILED)
