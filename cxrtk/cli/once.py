"""Strict parsing of the arguments of a verb: each option once, with a valid value."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand

from cxrtk.cli.names import respelled
from cxrtk.cli.settings_file import defaults, settings_path
from cxrtk.errors import ConfigError

LONGEST = 80  # maximum length of a value quoted in a message
OF_CONFIGS = ("train", "lint", "assemble")  # verbs whose --set sets an id of a config


class OnceCommand(TyperCommand):
    """A command that rejects probable mistakes in its options and arguments.

    * An option with one value is given twice: only the last one would have an effect. Options declared as
      lists may be repeated; a repeated flag has no further effect, and of ``--evaluate --no-evaluate`` the
      last one counts, as in git.
    * A value is empty, as in ``-o "$OUT"`` if ``OUT`` is not set: an empty path is the working directory.
    * A number is NaN or infinite.
    * A value has the wrong type or is out of range; the message quotes the value and where it comes from.
    * An id of a config is given as an option; the message says how to set it.

    Options have the spellings of `cxrtk.cli.names`. One that is not given takes its value from the
    environment variable ``CXRTK_<VERB>_<OPTION>``, or else from the user's settings, see
    `cxrtk.cli.settings_file`.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for parameter in self.params:
            _take_variable(self.name, parameter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments of the verb.

        Raises:
            ConfigError: One of the mistakes above was found.
        """
        if ctx.resilient_parsing:  # for the completion of a shell: the words are not whole
            return super().parse_args(ctx, args)
        known = [opt for each in self.params for opt in (*each.opts, *each.secondary_opts)]
        args = respelled(self.name or "", args, known)
        ctx.default_map = defaults(self.name or "", _settable(self.params))
        given, _, order = self._parsed(ctx, args)
        _refuse_repeated(order)
        for parameter, value in _given(order, given):
            if value == "":
                raise ConfigError(f"{_name(parameter)} is empty; give a value, or leave it out.")
        try:
            rest = super().parse_args(ctx, args)
        except typer.BadParameter as error:
            if error.param is None or (found := _stated(ctx, error.param, given)) is None:  # it is missing
                raise
            raise ConfigError(f"{found}: {_reason(error.message)}") from error
        for parameter in self.params:
            value = ctx.params.get(parameter.name)
            if isinstance(value, float) and not math.isfinite(value):
                typed = given.get(parameter.name) is not None
                found = f"{_name(parameter)} {value}" if typed else _stated(ctx, parameter, given)
                raise ConfigError(f"{found}: give a finite number.")
        return rest

    def _parsed(self, ctx: Any, args: list[str]) -> tuple[Any, Any, Any]:
        """Split the words into options and arguments.

        Raises:
            ConfigError: An option that is none may be an id of a config.
        """
        try:
            parsed: tuple[Any, Any, Any] = self.make_parser(ctx).parse_args(args=list(args))
        except typer.TyperException as error:
            option = str(getattr(error, "option_name", ""))
            near = getattr(error, "possibilities", None)
            if self.name not in OF_CONFIGS or not option.startswith("--") or near:
                raise
            raise ConfigError(
                f"{option} is not an option of cxrtk {self.name}; set an id of the config with "
                f"--set {option[2:]}={_value_of(option, args)}"
            ) from error
        return parsed


def _take_variable(verb: str | None, parameter: Any) -> None:
    """Let an option take its value from ``CXRTK_<VERB>_<OPTION>``, before the variable of all verbs."""
    option = max((each for each in parameter.opts if each.startswith("--")), key=len, default="")
    if parameter.param_type_name == "option" and option:
        shared = [] if parameter.envvar is None else [parameter.envvar]
        parameter.show_envvar = bool(shared)
        parameter.envvar = [f"CXRTK_{verb}_{option[2:]}".replace("-", "_").upper(), *shared]


def _settable(parameters: Sequence[Any]) -> dict[str, str]:
    """Name of the parameter of each long option, without the hyphens before it."""
    return {
        option[2:]: parameter.name
        for parameter in parameters
        if parameter.param_type_name == "option"
        for option in parameter.opts
        if option.startswith("--")
    }


def _stated(ctx: Any, parameter: Any, given: Mapping[str, Any]) -> str | None:
    """Say where a parameter's value comes from, and the value; ``None`` if there is none."""
    value = given.get(parameter.name)
    if value is not None:
        return f"{_name(parameter)} {_shown(value)}"
    for variable in parameter.envvar or ():
        if value := os.environ.get(variable):
            return f"{variable}={_shown(value)}"
    if (value := (ctx.default_map or {}).get(parameter.name)) is not None:
        return f"{settings_path()}: {_name(parameter)[2:]} = {_shown(value)}"
    return None


def _value_of(option: str, args: Sequence[str]) -> str:
    """Value that is given with an option that is none, for a message."""
    for place, word in enumerate(args):
        if word.partition("=")[0] == option:
            value = word.partition("=")[2] or (args[place + 1] if place + 1 < len(args) else "")
            return _shown(value) if value and not value.startswith("-") else "VALUE"
    return "VALUE"


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
