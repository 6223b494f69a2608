"""A command whose options may be given once, unless they say that they can be repeated."""

from __future__ import annotations

from collections import Counter
from typing import Any

from typer.core import TyperCommand

from cxrtk.errors import ConfigError


class OnceCommand(TyperCommand):
    """Refuses a second value of an option that takes one, of which only the last would count."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words after the verb.

        Raises:
            ConfigError: An option that takes one value is given twice.
        """
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for parameter, count in Counter(order).items():
            takes_one = not (getattr(parameter, "multiple", True) or getattr(parameter, "is_flag", False))
            if count > 1 and takes_one:
                raise ConfigError(
                    f"{max(parameter.opts, key=len)} is given {count} times, but takes one value."
                )
        return super().parse_args(ctx, args)
