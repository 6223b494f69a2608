"""The option ``--verbose``, which every verb takes after its name as well as before it."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer

Verbose = Annotated[bool, typer.Option("--verbose", help="Log every step, and the origin of an error.")]


def show_all() -> None:
    """Log every step of cxrtk."""
    logging.getLogger("cxrtk").setLevel(logging.DEBUG)


def with_verbose(verb: Callable[..., None]) -> Callable[..., None]:
    """Add ``--verbose`` to the parameters of a verb, as the last, for Typer."""

    @functools.wraps(verb)
    def with_option(**given: Any) -> None:
        if given.pop("verbose"):
            show_all()
        verb(**given)

    hints = get_type_hints(verb, include_extras=True)
    stated = list(inspect.signature(verb).parameters.values())
    last = inspect.Parameter("verbose", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False)
    hints["verbose"] = Verbose
    with_option.__annotations__ = {**hints, "return": None}
    with_option.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(annotation=hints[each.name]) for each in (*stated, last)]
    )
    return with_option
