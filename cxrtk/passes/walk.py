"""The pass itself: it looks up what is done, and reads, does, writes and records the rest, batch by batch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from cxrtk.api import Job, Outcome, Step
from cxrtk.data.atomic import full_disk_named
from cxrtk.data.digest import sha256
from cxrtk.data.pixels.content import shown
from cxrtk.errors import ConfigError, CxrReadError, DataError, PluginBroken
from cxrtk.passes import outputs
from cxrtk.passes.inputs import Input
from cxrtk.passes.manifest import RESERVED, Entry, Manifest, file_of
from cxrtk.passes.merge import finish_if_complete
from cxrtk.passes.options import Options
from cxrtk.passes.plan import Item, Planned, groups, plan
from cxrtk.passes.reading import Read, ReadAhead
from cxrtk.process.lock import acquire, release
from cxrtk.process.signals import guarded_signals

SOME_FAILED = 3  # exit code
LOCKS = ".cxrtk"  # folder of the locks, one a part

logger = logging.getLogger(__name__)

Group = Sequence[Planned]


@dataclass
class Result:
    """How a pass ended.

    Attributes:
        entries: Of this part, in the order of the radiographs; read from the disk each time.
        counts: Status -> number of inputs.
        ignored: Files below the inputs that are no images by their names.
        tables: What `Step.finish` wrote; empty where other parts are not done yet.
        complete: Whether all parts are done.
    """

    entries: Iterable[Entry] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    ignored: int = 0
    tables: Sequence[Path] = ()
    complete: bool = True

    @property
    def exit_code(self) -> int:
        """0, or 3 where inputs failed."""
        return SOME_FAILED if self.counts.get("failed") else 0


def run(
    step: Step,
    sources: Sequence[tuple[Input, ReadAhead]],
    output_dir: Path,
    options: Options,
    *,
    begin: Callable[[int], None] = lambda count: None,
    report: Callable[[int], None] = lambda count: None,
) -> Result:
    """Do a step with all radiographs of some inputs.

    Args:
        step: What is done.
        sources: Each input, and what reads it; closed at the end.
        output_dir: Where outputs, the manifest and the tables go.
        options: How.
        begin: Told how many radiographs this part has.
        report: Told after each batch how many were done.

    Raises:
        ConfigError: The folder holds results already and `options` does not say to go on; they were made with
            other settings; or another pass runs there.
        DataError: There is no radiograph, two would share an output, or one cannot be read and `options`
            says to stop.
    """
    with guarded_signals(options.hint), ExitStack() as open_readers:
        for _, files in sources:
            open_readers.enter_context(files)
        listed, known = _chosen(step, sources)
        planned = plan(listed, output_dir, step.endings, step.stem_of, known, step.folder)
        made_by = _made_by(step, options)
        mine = list(groups(planned, options.batch_size))[options.part_id :: options.num_parts]
        path = output_dir / file_of(options.part_id, options.num_parts)
        manifest = _manifest(path, options, made_by)
        output_dir.mkdir(parents=True, exist_ok=True)
        lock = output_dir / LOCKS / path.stem
        lock.mkdir(parents=True, exist_ok=True)
        acquire(lock, "pass", "name another output folder")
        try:
            if options.num_parts == 1:
                outputs.sweep(output_dir)
            work = _Pass(step, [files for _, files in sources], output_dir, options, manifest, made_by)
            begin(sum(map(len, mine)))
            work.do(mine, report)
            manifest.rewrite(_as_known(manifest, [job for group in mine for job in group]))
            tables = finish_if_complete(step, output_dir, options, {job.name for job in planned})
        finally:
            release(lock)
            _remove(lock)
    counts: dict[str, int] = {}
    for entry in manifest:
        counts[entry.status] = counts.get(entry.status, 0) + 1
    ignored = sum(files.reader.ignored() for _, files in sources)
    return Result(manifest, counts, ignored, tables or (), tables is not None)


Listed = Sequence[tuple[Input, Sequence[Item]]]


def _chosen(step: Step, sources: Sequence[tuple[Input, ReadAhead]]) -> tuple[Listed, list[Mapping[str, Any]]]:
    """The items that a step takes, and what it knows of each."""
    listed = [(each, files.reader.items()) for each, files in sources]
    every = [item for _, items in listed for item in items]
    reader_of = {
        id(item): files.reader
        for (_, items), (_, files) in zip(listed, sources, strict=True)
        for item in items
    }
    said = step.choose(every, lambda item: reader_of[id(item)].has_label(item))
    if len(said) != len(every):
        raise PluginBroken(
            f"The step {type(step).__name__} chose from {len(said)} of {len(every)} radiographs; it must say "
            "something of each."
        )
    of_item = iter(said)
    taken = [(each, [item for item in items if next(of_item) is not None]) for each, items in listed]
    return taken, [known for known in said if known is not None]


def _as_known(manifest: Manifest, planned: Sequence[Planned]) -> Iterator[Entry]:
    """The entries of some radiographs with what is known of them now, be their outputs older."""
    for job, entry in zip(planned, manifest.of(job.name for job in planned), strict=True):
        yield replace(entry, row={**entry.row, **job.known})


class _Pass:
    """The work on the batches of one part."""

    def __init__(
        self,
        step: Step,
        readers: Sequence[ReadAhead],
        output_dir: Path,
        options: Options,
        manifest: Manifest,
        made_by: Mapping[str, Any],
    ) -> None:
        self.step = step
        self.readers = readers
        self.output_dir = output_dir
        self.options = options
        self.manifest = manifest
        self.made_by = made_by

    def do(self, batches: Sequence[Group], report: Callable[[int], None]) -> None:
        """All batches of which anything is left to do."""
        todo = [group for group in batches if not all(self._is_done(job) for job in group)]
        done = sum(map(len, batches)) - sum(map(len, todo))
        if done:
            report(done)
        stream = self._read(job for group in todo for job in group)
        for group in todo:
            with full_disk_named(self.output_dir):
                entries = self._group(group, [next(stream) for _ in group])
                self.manifest.append(entries)
            report(len(group))
            self._stop_if_asked(entries, group)

    def _is_done(self, planned: Planned) -> bool:
        """Whether it was done, and input and outputs are still what they were. What failed is tried again."""
        entry = self.manifest.get(planned.name)
        if entry is None or entry.status == "failed":
            return False
        return _digest(planned.image) == entry.input_sha256 and outputs.are_there(
            entry.outputs, self.output_dir
        )

    def _read(self, planned: Iterable[Planned]) -> Iterator[Read]:
        """Each file by the reader of its input."""
        for source, some in groupby(planned, key=lambda job: job.source):
            yield from self.readers[source].read(job.image for job in some)

    def _group(self, group: Group, reads: Sequence[Read]) -> list[Entry]:
        """One entry for each member: the step sees those that could be read."""
        with ExitStack() as folders:
            jobs: list[Job | Entry] = [
                self._job(planned, read, folders) for planned, read in zip(group, reads, strict=True)
            ]
            ready = [job for job in jobs if isinstance(job, Job)]
            outcomes = self._outcomes(ready)
            return [
                job if isinstance(job, Entry) else self._publish(planned, read, job, next(outcomes))
                for planned, read, job in zip(group, reads, jobs, strict=True)
            ]

    def _job(self, planned: Planned, read: Read, folders: ExitStack) -> Job | Entry:
        """What the step is given, or the entry of what could not be read."""
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
            stem=folders.enter_context(outputs.hidden(stem, self.output_dir)),
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
            **self.made_by,
        )

    def _stop_if_asked(self, entries: Sequence[Entry], group: Group) -> None:
        if self.options.on_error != "stop":
            return
        for entry, planned in zip(entries, group, strict=True):
            if entry.status == "failed":
                raise DataError(f"Stopped at {planned.image}: {entry.reason}; see the manifest.")


def _made_by(step: Step, options: Options) -> dict[str, Any]:
    """What decides the outputs: the model, and the settings."""
    settings = dict(step.settings())
    return {
        "model": dict(settings.pop("model", {})),
        "settings": {**settings, "batch_size": options.batch_size},
    }


def _manifest(path: Path, options: Options, made_by: Mapping[str, Any]) -> Manifest:
    """The manifest that is there, if it may be continued."""
    if not path.exists():
        return Manifest(path)
    if not options.go_on:
        raise ConfigError(
            f"{path.parent}: holds results already; add --continue, or name another output folder."
        )
    manifest = Manifest(path)
    for entry in manifest:
        if {"model": entry.model, "settings": entry.settings} != made_by:
            raise ConfigError(
                f"{path}: was made with another model or other settings; name another output folder."
            )
    return manifest


def _digest(image: str) -> str:
    """Of an input; empty where it cannot be read."""
    try:
        return sha256(image)
    except OSError:
        return ""


def _remove(folder: Path) -> None:
    """The folder of a lock that was given back, and that of all locks if it is the last."""
    for path in (folder / ".lock", folder, folder.parent):
        try:
            path.unlink() if path.is_file() else path.rmdir()
        except OSError:
            return  # another part has its lock there
