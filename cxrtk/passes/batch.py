"""Processing of one batch: the step, publication of its files, and one manifest entry per member."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from cxrtk.api import Job, Outcome, Step
from cxrtk.data.atomic import full_disk_named
from cxrtk.data.pixels.content import shown
from cxrtk.errors import CxrReadError, PluginBroken
from cxrtk.passes import outputs
from cxrtk.passes.digests import Digests
from cxrtk.passes.manifest import RESERVED, Entry
from cxrtk.passes.plan import Planned
from cxrtk.passes.reading import Read, ReadAhead
from cxrtk.passes.threads import fixed_threads

logger = logging.getLogger(__name__)

Group = Sequence[Planned]


class Batches:
    """Processor of the batches of a pass in this process.

    Args:
        step: Step to apply.
        readers: Opened reader of each input.
        output_dir: Folder of the outputs.
        made_by: Model and settings, as recorded in each entry.
        hidden: Prefix of the folders that hold unfinished files; see `cxrtk.passes.outputs.prefix`.
    """

    def __init__(
        self,
        step: Step,
        readers: Sequence[ReadAhead],
        output_dir: Path,
        made_by: Mapping[str, Any],
        hidden: str = outputs.PART,
    ) -> None:
        self.step = step
        self.readers = readers
        self.output_dir = output_dir
        self.made_by = made_by
        self.hidden = hidden
        self._digest = Digests()

    def is_done(self, group: Group, recorded: Sequence[Entry]) -> bool:
        """Return whether a batch is done, and its inputs and outputs are unchanged.

        Batches with a failed member are repeated.

        Args:
            group: Batch to check.
            recorded: Manifest entries of its members; fewer if some were not processed.
        """
        return len(recorded) == len(group) and all(
            entry.status != "failed"
            and self._digest(planned.image) == entry.input_sha256
            and self._further(planned) == tuple(entry.further_sha256)
            and outputs.are_there(entry.outputs, self.output_dir)
            for planned, entry in zip(group, recorded, strict=True)
        )

    def read(self, planned: Iterable[Planned]) -> Iterator[Read]:
        """Read each file with the reader of its input."""
        for source, some in groupby(planned, key=lambda job: job.source):
            yield from self.readers[source].read(job.image for job in some)

    def do(self, group: Group, reads: Sequence[Read]) -> list[Entry]:
        """Process a batch and return one entry per member; the step receives the readable ones.

        Raises:
            CxrError: The whole pass cannot continue.
        """
        further = [self._further(planned) for planned in group]  # first, so that no later change is missed
        with full_disk_named(self.output_dir), fixed_threads(), ExitStack() as folders:
            jobs: list[Job | Entry] = [
                self._job(planned, read, folders) for planned, read in zip(group, reads, strict=True)
            ]
            ready = [job for job in jobs if isinstance(job, Job)]
            outcomes = self._outcomes(ready)
            entries = [
                job if isinstance(job, Entry) else self._publish(planned, read, job, next(outcomes))
                for planned, read, job in zip(group, reads, jobs, strict=True)
            ]
        return [replace(entry, further_sha256=each) for entry, each in zip(entries, further, strict=True)]

    def _further(self, planned: Planned) -> tuple[str, ...]:
        """Return the digest of each further file that the step reads for a radiograph."""
        files = self.readers[planned.source].reader.files(planned.item)
        labels = [path for path in files if path != planned.image]
        return tuple(map(self._digest, self.step.further_inputs(planned.item, planned.name, labels)))

    def _job(self, planned: Planned, read: Read, folders: ExitStack) -> Job | Entry:
        """Return the job of a radiograph, or the entry of a file that could not be read."""
        stem = self.output_dir / planned.stem
        if read.radiograph is None:
            assert read.error is not None
            return self._unread(planned, read, read.error, left_out=read.left_out and not planned.named)
        try:
            outputs.refuse_links(stem, self.output_dir)
        except CxrReadError as error:
            return self._unread(planned, read, error, left_out=False)
        reader = self.readers[planned.source].reader
        return Job(
            item=planned.item,
            name=planned.name,
            radiograph=read.radiograph,
            stem=folders.enter_context(outputs.hidden(stem, self.output_dir, self.hidden)),
            read_label=lambda: reader.read_label(planned.item),
            known=planned.known,
        )

    def _unread(self, planned: Planned, read: Read, error: CxrReadError, *, left_out: bool) -> Entry:
        logger.log(logging.INFO if left_out else logging.WARNING, "%s", error)
        status = "left_out" if left_out else "failed"
        row = {**self.step.unread(), **planned.known}
        return Entry(planned.name, status, error.code, error.reason, read.sha256, row=row, **self.made_by)

    def _outcomes(self, ready: Sequence[Job]) -> Iterator[Outcome]:
        outcomes = self.step(ready) if ready else []
        if len(outcomes) != len(ready):
            raise PluginBroken(
                f"The step {type(self.step).__name__} gave {len(outcomes)} outcomes for {len(ready)} "
                "radiographs."
            )
        return iter(outcomes)

    def _publish(self, planned: Planned, read: Read, job: Job, outcome: Outcome) -> Entry:
        if outcome.status == "failed":
            cure = f"; {outcome.cure}" if outcome.cure else ""
            logger.warning("%s: %s%s", shown(planned.image), outcome.reason, cure)
        if reserved := RESERVED & outcome.row.keys():
            raise PluginBroken(
                f"The step {type(self.step).__name__} gives a row with {min(reserved)!r}, a key of "
                "the manifest's own."
            )
        stem = self.output_dir / planned.stem
        return Entry(
            planned.name,
            outcome.status,
            outcome.code,
            outcome.reason,
            read.sha256,
            outputs.publish(outcome.files, job.stem, stem, self.output_dir),
            row={**outcome.row, **planned.known},
            flags=tuple(job.radiograph.meta.get("flags", ())),
            **self.made_by,
        )


def made_by(step: Step, batch_size: int) -> dict[str, Any]:
    """Return the model and settings that determine the outputs, as recorded in entries."""
    settings = dict(step.settings())
    return {"model": dict(settings.pop("model", {})), "settings": {**settings, "batch_size": batch_size}}
