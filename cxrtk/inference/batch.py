"""One or 100,000 files -> masks: in the order of their names, able to go on where it stopped.

Files are taken in groups of fixed members, as a network's last bits may depend on what shares its batch. A
group is done again unless all of it was done: so a batch that was killed and continued has the same bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.api import Radiograph, Segmentation, Writer
from cxrtk.data.digest import sha256
from cxrtk.data.outputs import Job, check_output_dir, jobs_of
from cxrtk.errors import ConfigError, DataError
from cxrtk.inference import manifest
from cxrtk.inference.manifest import Entry
from cxrtk.inference.reading import Read, ReadAhead
from cxrtk.inference.segmenter import Segmenter
from cxrtk.inference.writing import Refused, sweep, write_all

ENDINGS = ("_labels", "_preview", "_probabilities")
ON_ERROR = ("skip", "stop")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How a batch is run.

    Attributes:
        batch_size: Images that share one run of the network.
        preview: Write pictures.
        probabilities: Write probabilities.
        num_parts: Machines or processes that share the work; each takes every num_parts-th group.
        part_id: Which of them this is, from 0.
        go_on: Continue what is in the output folder.
        on_error: ``skip`` a file that cannot be read, or ``stop``.
    """

    batch_size: int = 4
    preview: bool = False
    probabilities: bool = False
    num_parts: int = 1
    part_id: int = 0
    go_on: bool = False
    on_error: str = "skip"

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ConfigError(f"The batch size must be at least 1, not {self.batch_size}.")
        if not 0 <= self.part_id < self.num_parts:
            raise ConfigError(
                f"Part {self.part_id} of {self.num_parts}: parts are counted from 0 to {self.num_parts - 1}."
            )
        if self.on_error not in ON_ERROR:
            raise ConfigError(f"on_error must be one of {', '.join(ON_ERROR)}, not {self.on_error!r}.")

    @property
    def manifest(self) -> str:
        """Name of the manifest: each part has its own."""
        return manifest.FILE if self.num_parts == 1 else f"manifest_{self.part_id}_of_{self.num_parts}.jsonl"


@dataclass
class Result:
    """What became of a batch: an entry a file, in the order of the files, and the tables written."""

    entries: list[Entry] = field(default_factory=list)
    tables: list[Path] = field(default_factory=list)

    @property
    def failed(self) -> list[Entry]:
        """Those that have no masks, or not in every format asked for."""
        return [entry for entry in self.entries if entry.status == "failed"]


def plan(images: Sequence[str], source: Path, output_dir: Path) -> list[Job]:
    """One job a file, no two with an output in common, and none whose output is an input.

    Args:
        images: What the reader lists.
        source: The file or folder that was given; outputs mirror what is below it.
        output_dir: Where outputs go.

    Raises:
        ConfigError: The output folder lies inside the input folder, or an output would replace an input.
        DataError: Two inputs would share an output.
    """
    folder = source if source.is_dir() else source.parent
    if source.is_dir():
        check_output_dir(output_dir, source)
    elif output_dir.resolve() == folder.resolve():
        raise ConfigError(
            f"{output_dir}: holds the input, which an output might replace; name another folder."
        )
    jobs = jobs_of(images, folder, output_dir)
    taken = {job.stem.as_posix().casefold(): job.name for job in jobs}
    for job in jobs:
        for ending in ENDINGS:
            other = taken.get(f"{job.stem.as_posix()}{ending}".casefold())
            if other is not None:
                raise DataError(f"{job.name} and {other} would share one output file; rename one of them.")
    return jobs


def run(
    jobs: Sequence[Job],
    files: ReadAhead,
    segmenter: Segmenter,
    writers: Sequence[Writer],
    output_dir: Path,
    options: Options,
    *,
    settings: Mapping[str, Any] | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> Result:
    """Segment all files of this part, and write the manifest and the tables.

    Args:
        jobs: As `plan` gives them.
        files: Reads them.
        segmenter: Finds the masks.
        writers: Write them.
        output_dir: Where all of it goes.
        options: How.
        settings: What else decides the outputs, for the manifest; another one cannot be continued.
        report: Told after each group how many files were done.

    Raises:
        ConfigError: The folder holds results already and `options` does not say to go on; or they were made
            with another model or other settings.
        DataError: A file cannot be read, and `options` says to stop.
    """
    output_dir.mkdir(parents=True, exist_ok=True)
    path = output_dir / options.manifest
    made_by = {"model": dict(segmenter.about), "settings": dict(settings or {})}
    known = _known(path, options, made_by)
    if options.num_parts == 1:
        sweep(output_dir)
    mine = _groups(jobs, options)
    todo = [group for group in mine if not all(_is_done(job, known, output_dir) for job in group)]
    report(sum(map(len, mine)) - sum(map(len, todo)))
    stream = files.read(job.image for group in todo for job in group)
    for group in todo:
        entries = _segment(group, stream, segmenter, writers, output_dir, options, made_by)
        manifest.append(path, entries)
        known |= {entry.input: entry for entry in entries}
        report(len(group))
        _stop_if_asked(entries, group, options)
    result = Result([known[job.name] for group in mine for job in group])
    manifest.write(path, result.entries)
    rows = [vars(entry) for entry in result.entries]
    result.tables = [table for writer in writers for table in writer.finish(output_dir, rows)]
    return result


def _groups(jobs: Sequence[Job], options: Options) -> list[Sequence[Job]]:
    size = options.batch_size
    every = [jobs[first : first + size] for first in range(0, len(jobs), size)]
    return every[options.part_id :: options.num_parts]


def _known(path: Path, options: Options, made_by: Mapping[str, Any]) -> dict[str, Entry]:
    if not path.exists():
        return {}
    if not options.go_on:
        raise ConfigError(
            f"{path.parent}: holds results already; add --continue, or name another output folder."
        )
    known = manifest.read(path)
    for entry in known.values():
        if {"model": entry.model, "settings": entry.settings} != made_by:
            raise ConfigError(
                f"{path}: was made with another model or other settings; name another output folder."
            )
    return known


def _is_done(job: Job, known: Mapping[str, Entry], output_dir: Path) -> bool:
    """Failed files are tried again: they may have been mended."""
    entry = known.get(job.name)
    return (
        entry is not None
        and entry.status == "ok"
        and all((output_dir / name).is_file() for name in entry.outputs)
    )


def _segment(
    group: Sequence[Job],
    stream: Iterator[Read],
    segmenter: Segmenter,
    writers: Sequence[Writer],
    output_dir: Path,
    options: Options,
    made_by: Mapping[str, Any],
) -> list[Entry]:
    reads = [next(stream) for _ in group]
    radiographs: list[tuple[Path, Radiograph]] = [
        (Path(read.path), read.radiograph) for read in reads if read.radiograph is not None
    ]
    found: Iterator[Segmentation] = iter(
        segmenter.batch(*map(list, zip(*radiographs, strict=True))) if radiographs else ()
    )
    entries = []
    for job, read in zip(group, reads, strict=True):
        if read.error is not None:
            logger.warning("%s", read.error)
            entries.append(manifest.failed(job.name, read.error, read.sha256, **made_by))
            continue
        entries.append(_write(job, next(found), read, writers, output_dir, options, made_by))
    return entries


def _write(
    job: Job,
    segmentation: Segmentation,
    read: Read,
    writers: Sequence[Writer],
    output_dir: Path,
    options: Options,
    made_by: Mapping[str, Any],
) -> Entry:
    found = {"measures": segmentation.measures, "quality": segmentation.quality, **made_by}
    try:
        written = write_all(
            writers,
            segmentation,
            job.stem,
            with_preview=options.preview,
            with_probabilities=options.probabilities,
        )
    except Refused as error:
        logger.warning("%s", error)
        outputs = _digests(error.written, output_dir)
        return manifest.failed(job.name, error, read.sha256, outputs=outputs, **found)
    return Entry(
        input=job.name,
        status="ok",
        input_sha256=read.sha256,
        outputs=_digests(written, output_dir),
        **found,
    )


def _digests(paths: Sequence[Path], output_dir: Path) -> dict[str, str]:
    return {path.relative_to(output_dir).as_posix(): sha256(path) for path in paths}


def _stop_if_asked(entries: Sequence[Entry], group: Sequence[Job], options: Options) -> None:
    if options.on_error != "stop":
        return
    for entry, job in zip(entries, group, strict=True):
        if entry.status == "failed":
            raise DataError(f"Stopped at {job.image}: {entry.reason}; see the manifest.")
