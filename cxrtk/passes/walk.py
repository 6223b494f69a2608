"""Execution of a pass: finds the remaining work, then reads, processes, writes and records each batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cxrtk.api import Step
from cxrtk.data.atomic import full_disk_named
from cxrtk.errors import ConfigError, DataError, PluginBroken
from cxrtk.passes import outputs
from cxrtk.passes.batch import Group, made_by
from cxrtk.passes.inputs import Input
from cxrtk.passes.manifest import Entry, Manifest, file_of
from cxrtk.passes.merge import finish_if_complete
from cxrtk.passes.options import Options
from cxrtk.passes.plan import Item, Planned, groups, plan
from cxrtk.passes.reading import ReadAhead
from cxrtk.passes.recipe import Recipe
from cxrtk.passes.record import LOCKS, Record, write_record
from cxrtk.passes.runners.base import Runner, Task
from cxrtk.passes.runners.local import LocalRunner
from cxrtk.process.lock import acquire, release
from cxrtk.process.signals import guarded_signals

SOME_FAILED = 3  # exit code


@dataclass
class Result:
    """Result of a pass.

    Attributes:
        entries: Entries of this part, in the order of the radiographs; read from disk on each iteration.
        counts: Number of inputs by status.
        ignored: Number of files below the inputs that are not images by their names.
        tables: Paths from `Step.finish`; empty if other parts are unfinished.
        complete: True if all parts are done.
        flags: Number of radiographs with each flag of the reader.
        left_out: Number of inputs left out, by code (``other`` without one); `ignored` is not included.
    """

    entries: Iterable[Entry] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    ignored: int = 0
    tables: Sequence[Path] = ()
    complete: bool = True
    flags: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Exit code: 0, or 3 if inputs failed."""
        return SOME_FAILED if self.counts.get("failed") else 0


def run(
    step: Step,
    sources: Sequence[tuple[Input, ReadAhead]],
    output_dir: Path,
    options: Options,
    *,
    runner: Runner | None = None,
    recipe: Recipe | None = None,
    begin: Callable[[int], None] = lambda count: None,
    report: Callable[[int], None] = lambda count: None,
) -> Result:
    """Apply a step to all radiographs of the inputs.

    Args:
        step: Step to apply.
        sources: Each input with its reader; closed at the end.
        output_dir: Folder of the outputs, the manifest and the tables.
        options: Options of the pass.
        runner: Entered runner of the batches; ``None`` for this process.
        recipe: The same pass as plain values; if given, parts write the record that `cxrtk merge` needs.
        begin: Called with the number of radiographs of this part.
        report: Called after each batch with the number of radiographs done.

    Raises:
        ConfigError: The folder already holds results and `options` does not allow to continue; they were made
            with other settings; or another pass is running there.
        DataError: There is no radiograph, two would share an output, or one cannot be read and `options`
            requires to stop.
    """
    with guarded_signals(options.hint), ExitStack() as open_readers:
        for _, files in sources:
            open_readers.enter_context(files)
        listed, known = _chosen(step, sources)
        planned = plan(listed, output_dir, step.endings, step.stem_of, known, step.folder)
        made = made_by(step, options.batch_size)
        mine = list(groups(planned, options.batch_size))[options.part_id :: options.num_parts]
        path = output_dir / file_of(options.part_id, options.num_parts)
        manifest = _manifest(path, options, made)
        output_dir.mkdir(parents=True, exist_ok=True)
        lock = output_dir / LOCKS / path.stem
        lock.mkdir(parents=True, exist_ok=True)
        acquire(lock, "pass", "name another output folder")
        try:
            hidden = outputs.prefix(options.part_id, options.num_parts)
            if options.num_parts == 1:
                outputs.sweep(output_dir)
            else:
                outputs.sweep_part(output_dir, hidden)
                if recipe is not None:
                    write_record(output_dir, Record.of(recipe, len(planned)))
            readers = [files for _, files in sources]
            begin(sum(map(len, mine)))
            who = runner or LocalRunner(readers, output_dir, hidden)
            _do(who, mine, step, made, manifest, options, report)
            manifest.rewrite(_as_known(manifest, [job for group in mine for job in group]))
            tables = finish_if_complete(step, output_dir, options, {job.name for job in planned})
        finally:
            release(lock)
            _remove(lock)
            with suppress(OSError):
                output_dir.rmdir()  # empty if an error occurred before the first radiograph was done
    counts, left_out, flags = Counter[str](), Counter[str](), Counter[str]()
    for entry in manifest:
        counts[entry.status] += 1
        if entry.status == "left_out":
            left_out[entry.code or "other"] += 1  # an outcome set by a step may lack a code
        flags.update(entry.flags)
    ignored = sum(files.reader.ignored() for _, files in sources)
    return Result(manifest, counts, ignored, tables or (), tables is not None, flags, left_out)


Listed = Sequence[tuple[Input, Sequence[Item]]]


def _chosen(step: Step, sources: Sequence[tuple[Input, ReadAhead]]) -> tuple[Listed, list[Mapping[str, Any]]]:
    """Return the items selected by a step, and the values that the step provides for each."""
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
            f"The step {type(step).__name__} chose from {len(said)} of {len(every)} radiographs; it must "
            "return one entry for each."
        )
    of_item = iter(said)
    taken = [(each, [item for item in items if next(of_item) is not None]) for each, items in listed]
    return taken, [known for known in said if known is not None]


def _as_known(manifest: Manifest, planned: Sequence[Planned]) -> Iterator[Entry]:
    """Yield the entries of some radiographs, updated with the currently known values."""
    for job, entry in zip(planned, manifest.of(job.name for job in planned), strict=True):
        yield replace(entry, row={**entry.row, **job.known})


def _do(
    runner: Runner,
    batches: Sequence[Group],
    step: Step,
    made: Mapping[str, Any],
    manifest: Manifest,
    options: Options,
    report: Callable[[int], None],
) -> None:
    """Process all unfinished batches; this process is the only writer of the manifest."""
    tasks = (Task(number, group, _recorded(manifest, group)) for number, group in enumerate(batches))
    for task, entries in runner.run(tasks, step, made):
        if entries is not None:
            with full_disk_named(manifest.path.parent):
                manifest.append(entries)
        report(len(task.group))
        if options.on_error == "stop":
            _stop_at_failed(task.group, entries or ())


def _recorded(manifest: Manifest, group: Group) -> list[Entry]:
    return list(manifest.of(job.name for job in group if job.name in manifest))


def _stop_at_failed(group: Group, entries: Sequence[Entry]) -> None:
    for planned, entry in zip(group, entries, strict=False):
        if entry.status == "failed":
            raise DataError(f"Stopped at {planned.image}: {entry.reason}; see the manifest.")


def _manifest(path: Path, options: Options, made: Mapping[str, Any]) -> Manifest:
    """Open the existing manifest, if it may be continued."""
    if not path.exists():
        return Manifest(path)
    if not options.go_on:
        raise ConfigError(
            f"{path.parent}: holds results already; add --continue, or name another output folder."
        )
    manifest = Manifest(path)
    for entry in manifest:
        if {"model": entry.model, "settings": entry.settings} != made:
            raise ConfigError(
                f"{path}: was made with a different model or different settings; name another output folder."
            )
    return manifest


def _remove(folder: Path) -> None:
    """Remove the folder of a released lock, and the folder of all locks if it was the last one."""
    for path in (folder / ".lock", folder, folder.parent):
        try:
            path.unlink() if path.is_file() else path.rmdir()
        except OSError:
            return  # another part holds its lock there
