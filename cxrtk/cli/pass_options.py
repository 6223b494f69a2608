"""Options that every verb for many radiographs has, stated once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from cxrtk.cli import options as shared
from cxrtk.cli.walk import Walk


@dataclass(frozen=True)
class PassOptions:
    """Options of a pass that do not depend on the verb; each field is an option of the command line."""

    workers: shared.Workers = 1
    runner: shared.Runner = shared.RunnerName.local
    processes: shared.Processes = None
    address: shared.Address = ""
    num_parts: shared.NumParts = 1
    part_id: shared.PartId = 0
    go_on: shared.GoOn = False
    on_error: shared.OnErrorOption = shared.OnError.skip
    quiet: shared.Quiet = False

    def walk(self, inputs: Sequence[str], output: Path, **others: Any) -> Walk:
        """Options of a pass over `inputs`; `others` are fields of `Walk` that the verb sets."""
        own = {**vars(self), "runner": self.runner.value, "on_error": self.on_error.value}
        return Walk(inputs, output, **own, **others)


DEFAULTS = PassOptions()


def with_pass_options(verb: Callable[..., None]) -> Callable[..., None]:
    """Replace the parameter `passing` of a verb by the fields of `PassOptions`, for Typer.

    Typer makes one option of each parameter of a function, so that the parameters of the returned function
    are spelled out in its signature. They stand in the place of `passing`.
    """
    own = get_type_hints(PassOptions, include_extras=True)
    options = [
        inspect.Parameter(field.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=field.default)
        for field in fields(PassOptions)
    ]
    stated = list(inspect.signature(verb).parameters.values())
    at = [parameter.name for parameter in stated].index("passing")

    @functools.wraps(verb)
    def with_options(**given: Any) -> None:
        passing = PassOptions(**{name: given.pop(name) for name in own})
        verb(**given, passing=passing)

    hints = {**get_type_hints(verb, include_extras=True), **own}
    parameters = [*stated[:at], *options, *stated[at + 1 :]]
    with_options.__annotations__ = {**{each.name: hints[each.name] for each in parameters}, "return": None}
    with_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(annotation=hints[each.name]) for each in parameters]
    )
    return with_options
