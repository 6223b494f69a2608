"""Strict parsing of the arguments of a verb: each option once, with a valid value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand

from cxrtk.errors import ConfigError

LONGEST = 80  # maximum length of a value quoted in a message


class OnceCommand(TyperCommand):
    """A command that rejects probable mistakes in its options and arguments.

    * An option with one value is given twice: only the last one would have an effect. Options declared as
      lists may be repeated; a repeated flag has no further effect, and of ``--evaluate --no-evaluate`` the
      last one counts, as in git.
    * A value is empty, as in ``-o "$OUT"`` if ``OUT`` is not set: an empty path is the working directory.
    * A number is NaN or infinite.
    * A value has the wrong type or is out of range; the message quotes the value.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments of the verb.

        Raises:
            ConfigError: One of the mistakes above was found.
        """
        given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        _refuse_repeated(order)
        for parameter, value in _given(order, given):
            if value == "":
                raise ConfigError(f"{_name(parameter)} is empty; give a value, or leave it out.")
        try:
            rest = super().parse_args(ctx, args)
        except typer.BadParameter as error:
            value = given.get(error.param.name) if error.param is not None else None
            if error.param is None or value is None:  # it is missing
                raise
            raise ConfigError(f"{_name(error.param)} {_shown(value)}: {_reason(error.message)}") from error
        for parameter, _ in _given(order, given):
            value = ctx.params.get(parameter.name)
            if isinstance(value, float) and not math.isfinite(value):
                raise ConfigError(f"{_name(parameter)} {value}: give a finite number.")
        return rest


def _refuse_repeated(order: Sequence[Any]) -> None:
    for parameter, count in Counter(order).items():
        takes_one = parameter.param_type_name == "option" and not (parameter.multiple or parameter.is_flag)
        if count > 1 and takes_one:
            times = "twice" if count == 2 else f"{count} times"
            raise ConfigError(f"{_name(parameter)} is given {times}; give it once.")


def _given(order: Sequence[Any], values: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each parameter that was given on the command line, with each of its values."""
    for parameter in dict.fromkeys(order):
        value = values.get(parameter.name)
        for each in value if isinstance(value, (list, tuple)) else [value]:
            yield parameter, each


def _name(parameter: Any) -> str:
    """Long form of an option, or the name of an argument in the usage line."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper())


def _shown(value: Any) -> str:
    words = value if isinstance(value, (list, tuple)) else [value]
    text = " ".join(str(word) if str(word).isprintable() else repr(word) for word in words)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _reason(message: str) -> str:
    """Convert a message of Typer to the end of a sentence."""
    text = " ".join(message.removeprefix("Value error, ").split())
    return f"{text[:1].lower()}{text[1:]}".rstrip(".") + "."
