"""A step that can be made by its name in any process, and that fails in the ways of a process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cxrtk.passes import Options, inputs_of
from cxrtk.passes.recipe import Reading, Recipe
from cxrtk.passes.runners.choose import Choice
from cxrtk.passes.walk import run

TOY = """
import os
import signal
import time
from pathlib import Path

from cxrtk import DataError, Outcome, Step, passes, steps


class Own(DataError):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


@steps.register("toy")
class Toy(Step):
    '''Writes the mean of each radiograph; does `fault` when it comes to the one called `at`.'''

    def __init__(self, at: str = "", fault: str = "", marks: str = "", seconds: float = 0.0) -> None:
        self.at, self.fault, self.marks, self.seconds = at, fault, marks, seconds

    def settings(self):
        return {"pid": os.getpid()} if self.fault == "other" else {"digits": 3}

    def unread(self):
        return {"mean": None}

    def __call__(self, batch):
        time.sleep(self.seconds)
        if any(job.name == self.at for job in batch):
            self._fault()
        return [self._one(job) for job in batch]

    def _one(self, job):
        mean = round(float(job.radiograph.pixels.mean()), 3)
        path = job.stem.with_name(job.stem.name + ".txt")
        path.write_text(f"{mean} {os.environ.get('NOTE', '')}")
        return Outcome("ok", {"mean": mean}, [path])

    def _fault(self):
        if self.fault == "once":
            try:
                Path(self.marks, "died").touch(exist_ok=False)
            except FileExistsError:
                return
        if self.fault in ("once", "always"):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault == "refuses":
            raise DataError("this cannot go on")
        if self.fault == "own":
            raise Own("this", "that")
        if self.fault == "bug":
            raise ZeroDivisionError("a bug")
        if self.fault == "waits":
            until = time.monotonic() + 100
            while len(list(Path(self.marks).rglob("*.txt"))) < 4:
                assert time.monotonic() < until, "the others do not go on"
                time.sleep(0.05)

    def finish(self, rows, output_dir):
        lines = ({key: row.get(key) for key in ("input", "status", "mean")} for row in rows)
        return [passes.write_table(output_dir / "means.csv", lines, ("input", "status", "mean"))]
"""


@pytest.fixture
def toy(plugin_folder: Any) -> Path:
    """The step `toy` is there, in every process; gives its plugin folder."""
    plugin_folder.write("steps", "toy", TOY)
    return Path(plugin_folder.path)


@pytest.fixture
def recipe_of(toy: Path, folder: Path):
    """``recipe_of(output, arguments, **options)``: a pass of `toy` over the mixed folder, in pairs."""

    def recipe_of(output: Path, arguments: Mapping[str, Any] = {}, **options: Any) -> Recipe:
        how = Options(**{"batch_size": 2, **options})
        return Recipe("toy", dict(arguments), Reading(inputs_of([str(folder)])), output, how)

    return recipe_of


@pytest.fixture
def by(recipe_of: Any):
    """``by(runner, output, arguments, **options)`` runs such a pass with two workers."""

    def by(name: str, output: Path, arguments: Mapping[str, Any] = {}, **options: Any) -> Any:
        recipe = recipe_of(output, arguments, **options)
        with Choice(name, None if name == "local" else 2).start(recipe) as runner:
            step, sources = recipe.make_step(), recipe.reading.sources()
            return run(step, sources, output, recipe.options, runner=runner, recipe=recipe)

    return by
