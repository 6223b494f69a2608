"""The options that every verb for many radiographs has."""

import shlex
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from cxrtk.cli.options import OnError, RunnerName
from cxrtk.cli.pass_options import DEFAULTS, PassOptions, with_pass_options


def passed(*words: str) -> tuple[str, PassOptions, int]:
    """What a verb with an option before and one after those of the pass is called with."""
    found = []

    @with_pass_options
    def verb(
        name: Annotated[str, typer.Option()],
        passing: PassOptions = DEFAULTS,
        count: Annotated[int, typer.Option()] = 1,
    ) -> None:
        """Words of the verb."""
        found.append((name, passing, count))

    app = typer.Typer()
    app.command()(verb)
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return found[0]


def test_each_option_arrives():
    """Each value has the declared type."""
    words = "--name a --workers 3 --runner processes --processes 2 --num-parts 4 --part-id 1 --count 7 -q"
    name, passing, count = passed(*shlex.split(words), "--continue", "--on-error", "stop")
    assert (name, count) == ("a", 7)
    assert passing == PassOptions(3, RunnerName.processes, 2, "", 4, 1, True, OnError.stop, True)


def test_what_is_left_out_is_the_default():
    """Missing options have their defaults, and the verb keeps its other options."""
    assert passed("--name", "a") == ("a", DEFAULTS, 1)


@pytest.mark.parametrize(("field", "word"), [("runner", "ray"), ("on_error", "stop")])
def test_a_walk_has_plain_words(field, word):
    """Choices are texts there, not members of an enumeration."""
    kinds = {"runner": RunnerName, "on_error": OnError}
    walk = PassOptions(**{field: kinds[field](word)}).walk(["x"], Path("o"), batch_size=2)
    assert (type(getattr(walk, field)), getattr(walk, field), walk.batch_size) == (str, word, 2)
