"""What every verb that takes many radiographs does: a step, over the inputs, with a bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrtk.cli.bar import Bar
from cxrtk.cli.settings import arguments_of, parse_settings

if TYPE_CHECKING:
    from cxrtk.passes.inputs import Input
    from cxrtk.passes.reading import ReadAhead
    from cxrtk.passes.recipe import Reading
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
        reader_arguments: Arguments of the reader besides those in `settings`.
        runner: ``local``, ``processes`` or ``ray``.
        processes: Workers of such a runner; ``None`` for one a core.
        address: Of a Ray cluster; empty to start Ray on this machine.
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
    runner: str = "local"
    processes: int | None = None
    address: str = ""

    def arguments(self) -> dict[str, Any]:
        """Arguments of the reader besides its root."""
        own = arguments_of("reader", parse_settings(self.settings))
        if self.modality:
            own["modalities"] = None if ANY in self.modality else list(self.modality)
        return {**self.reader_arguments, **own}


def walk(verb: str, step: str, arguments: Mapping[str, Any], options: Walk) -> Result:
    """Do a step with all radiographs of the inputs; see `cxrtk.passes.run` for what it raises.

    Args:
        verb: As the bar shows it.
        step: Name of the step.
        arguments: Its arguments, plain JSON; it is made while the first process that reads already starts.
        options: Of the pass.

    Raises:
        ConfigError: The options do not go together, or there is no such device.
    """
    from cxrtk.passes.options import Options
    from cxrtk.passes.recipe import Recipe
    from cxrtk.passes.runners.choose import LOCAL, Choice
    from cxrtk.passes.walk import run

    choice = Choice(options.runner, options.processes, options.address)
    how = Options(
        options.batch_size, options.num_parts, options.part_id, options.go_on, options.on_error, HINT
    )
    recipe = Recipe(step, arguments, reading_of(options), options.output.absolute(), how)
    sources = recipe.reading.sources()
    with sources[0][1] as first, choice.start(recipe) as runner:
        if options.runner == LOCAL:
            first.start()  # while torch and MONAI are imported
        if "device" in arguments:
            from cxrtk.process.device import check_device

            check_device(arguments["device"])
        made = recipe.make_step()
        with Bar(verb, hidden=options.quiet) as bar:
            about: dict[str, Any] = {"runner": runner, "recipe": recipe}
            return run(made, sources, options.output, how, **about, begin=bar.begin, report=bar.advance)


def reading_of(options: Walk) -> Reading:
    """How the inputs are read.

    Raises:
        ConfigError: An input cannot be what it is named.
    """
    from cxrtk.passes.inputs import inputs_of
    from cxrtk.passes.recipe import Reading

    return Reading(
        inputs_of(options.inputs),
        options.reader,
        options.arguments(),
        options.workers,
        2 * options.batch_size,
    )


def sources_of(options: Walk) -> list[tuple[Input, ReadAhead]]:
    """Each input, and what reads it.

    Raises:
        ConfigError: An input cannot be what it is named, or the reader does not take it.
    """
    return reading_of(options).sources()
