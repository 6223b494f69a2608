"""Common part of the verbs for many radiographs: a step, applied to the inputs, with a progress bar."""

from __future__ import annotations

import sys
from collections import Counter
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
HINT = "the same command with --continue"


@dataclass(frozen=True)
class Walk:
    """Options of a pass, as given by the user.

    Attributes:
        inputs: Files, folders, and ``@list.txt``.
        output: Folder of the results.
        reader: Name of the reader plugin.
        settings: Words of ``--set``; those with the prefix ``reader#`` are arguments of the reader.
        modality: Modalities of DICOM files to process; empty for the default of the reader.
        batch_size: Number of radiographs per call of the step.
        workers: Number of reading processes.
        num_parts: Number of processes that share the work.
        part_id: Index of this part, from 0.
        go_on: Continue an earlier pass in the output folder.
        on_error: ``skip`` or ``stop``.
        quiet: Do not show the progress bar.
        reader_arguments: Arguments of the reader besides those in `settings`.
        runner: ``local``, ``processes`` or ``ray``.
        processes: Number of worker processes of the runner; ``None`` for one per CPU core.
        address: Address of a Ray cluster; empty to start Ray on this machine.
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
        """Arguments of the reader except its root."""
        own = arguments_of("reader", parse_settings(self.settings))
        if self.modality:
            own["modalities"] = None if ANY in self.modality else list(self.modality)
        return {**self.reader_arguments, **own}


def walk(verb: str, step: str, arguments: Mapping[str, Any], options: Walk) -> Result:
    """Apply a step to all radiographs of the inputs; see `cxrtk.passes.run` for the errors raised.

    Args:
        verb: Name of the verb in the progress bar.
        step: Name of the step plugin.
        arguments: Arguments of the step, JSON values; it is created while the first reading process starts.
        options: Options of the pass.

    Raises:
        ConfigError: The options are incompatible, or the device does not exist.
    """
    from cxrtk.passes.options import Options
    from cxrtk.passes.recipe import Recipe
    from cxrtk.passes.runners.choose import LOCAL, Choice
    from cxrtk.passes.threads import fixed_threads
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
        with fixed_threads():  # as for the batches; starting more would cost more than they gain
            if "device" in arguments:
                from cxrtk.process.device import check_device

                check_device(arguments["device"])
            made = recipe.make_step()
        with Bar(verb, hidden=options.quiet) as bar:
            about: dict[str, Any] = {"runner": runner, "recipe": recipe}
            result = run(made, sources, options.output, how, **about, begin=bar.begin, report=bar.advance)
        if result.flags and not options.quiet:
            print(f"{flagged(result.flags)}; see {options.output}", file=sys.stderr)
        return result


def flagged(flags: Mapping[str, int]) -> str:
    """Say how many radiographs have each flag of the reader, the most frequent first.

    >>> flagged({"tiny": 1, "lateral": 12})
    'flags of the files: lateral 12, tiny 1'
    """
    return f"flags of the files: {_by_frequency(flags)}"


def left_out(result: Result) -> Counter[str]:
    """Number of files left out of a pass by code; those ignored for their names are ``not_image``."""
    kinds = Counter(result.left_out)
    if result.ignored:
        kinds["not_image"] += result.ignored
    return kinds


def say_left_out(kinds: Mapping[str, int]) -> str:
    """Say how many files were left out, and how many of each kind, the most frequent first.

    >>> say_left_out({"not_image": 2, "modality": 3, "no_image": 2})
    '7 left out (modality 3, no_image 2, not_image 2)'
    >>> say_left_out({})
    '0 left out'
    """
    total = f"{sum(kinds.values()):,} left out"
    return f"{total} ({_by_frequency(kinds)})" if kinds else total


def _by_frequency(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)


def reading_of(options: Walk) -> Reading:
    """Inputs and their reader, from the options.

    Raises:
        ConfigError: An input is invalid.
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
    """Create the reader of each input.

    Raises:
        ConfigError: An input is invalid, or the reader does not accept it.
    """
    return reading_of(options).sources()
