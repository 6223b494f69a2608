"""What every verb that takes many radiographs does: a step, over the inputs, with a bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrtk.cli.bar import Bar
from cxrtk.cli.settings import arguments_of, parse_settings
from cxrtk.errors import ConfigError

if TYPE_CHECKING:
    from cxrtk.api import Step
    from cxrtk.passes.inputs import Input
    from cxrtk.passes.reading import ReadAhead
    from cxrtk.passes.walk import Result

ANY = "any"
HINT = "the same command and --continue"


@dataclass(frozen=True)
class Walk:
    """The options of a pass, as a user gives them.

    Attributes:
        inputs: Files, folders, and ``@list.txt``.
        output: Folder for the results.
        reader: Name of the reader.
        settings: Words of ``--set``, of which those of ``reader#`` are the reader's.
        modality: Modalities of DICOM files to take; empty for the reader's own.
        batch_size: Radiographs that are given to the step at a time.
        workers: Processes that read.
        num_parts: Processes that share the work.
        part_id: Which of them this is, from 0.
        go_on: Continue what is in the output folder.
        on_error: ``skip`` or ``stop``.
        quiet: Show no bar.
    """

    inputs: Sequence[str]
    output: Path
    reader: str = "files"
    settings: Sequence[str] = ()
    modality: Sequence[str] = ()
    batch_size: int = 4
    workers: int = 1
    num_parts: int = 1
    part_id: int = 0
    go_on: bool = False
    on_error: str = "skip"
    quiet: bool = False
    reader_arguments: Mapping[str, Any] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        """Arguments of the reader besides its root."""
        own = arguments_of("reader", parse_settings(self.settings))
        if self.modality:
            own["modalities"] = None if ANY in self.modality else list(self.modality)
        return {**self.reader_arguments, **own}


def walk(verb: str, make_step: Callable[[], Step], options: Walk) -> Result:
    """Do a step with all radiographs of the inputs; see `cxrtk.passes.run.run` for what it raises.

    Args:
        verb: As the bar shows it.
        make_step: Makes the step while the first process that reads already starts.
        options: Of the pass.
    """
    from cxrtk.passes.options import Options
    from cxrtk.passes.walk import run

    how = Options(
        options.batch_size, options.num_parts, options.part_id, options.go_on, options.on_error, HINT
    )
    sources = sources_of(options)
    with sources[0][1] as first:
        first.start()  # while torch and MONAI are imported
        step = make_step()
        with Bar(verb, hidden=options.quiet) as bar:
            return run(step, sources, options.output, how, begin=bar.begin, report=bar.advance)


def sources_of(options: Walk) -> list[tuple[Input, ReadAhead]]:
    """Each input, and what reads it.

    Raises:
        ConfigError: An input cannot be what it is named, or the reader does not take it.
    """
    from cxrtk.passes.inputs import inputs_of
    from cxrtk.passes.reading import read_ahead

    sources = []
    for each in inputs_of(options.inputs):
        if each.folder is None and len(each.roots) > 1 and options.reader != "files":
            raise ConfigError(f"The reader {options.reader!r} takes one folder; --reader files takes files.")
        files = read_ahead(
            each.root,
            reader=options.reader,
            arguments=options.arguments(),
            workers=options.workers,
            ahead=2 * options.batch_size,
        )
        sources.append((each, files))
    return sources
