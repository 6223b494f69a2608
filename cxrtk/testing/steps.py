"""Contract of steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from cxrtk.api import Job, Outcome, Radiograph, Step
from cxrtk.passes.manifest import RESERVED
from cxrtk.registry import Registry, steps
from cxrtk.testing.contract import Contract


class StepContract(Contract):
    """Steps return one outcome per radiograph, name all files they write, and are deterministic."""

    registry: ClassVar[Registry[Any]] = steps

    @pytest.fixture
    def step(self, kwargs: dict[str, Any]) -> Step:
        """The plugin under test."""
        step: Step = self.registry.create(self.plugin, **kwargs)
        return step

    @pytest.fixture
    def radiographs(self) -> list[Radiograph]:
        """Radiographs passed to the step; override if it needs other images."""
        ramp = np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(64, 48)
        return [
            Radiograph(ramp, (0.5, 0.4), "calibrated", {"format": "PNG", "flags": []}),
            Radiograph(1 - ramp),
        ]

    def jobs(self, radiographs: Sequence[Radiograph], folder: Path) -> list[Job]:
        """A batch of jobs, each with an output folder of its own."""
        jobs = []
        for number, radiograph in enumerate(radiographs):
            stem = folder / str(number) / f"1.2.chest {number}"
            stem.parent.mkdir(parents=True)
            name = f"{stem.name}.png"
            item = {"image": str(folder / name), "patient": f"p{number}"}
            jobs.append(Job(item, name, radiograph, stem))
        return jobs

    def test_settings_are_plain_json(self, step: Step) -> None:
        """Settings are recorded, and compared when a pass is continued, so they must be JSON values."""
        assert json.loads(json.dumps(dict(step.settings()), allow_nan=False)) == dict(step.settings())

    def test_one_outcome_for_each_radiograph(
        self, step: Step, radiographs: list[Radiograph], tmp_path: Path
    ) -> None:
        """There is one outcome per radiograph, in order; rows are JSON without keys of the manifest."""
        outcomes = step(self.jobs(radiographs, tmp_path))
        assert len(outcomes) == len(radiographs)
        for outcome in outcomes:
            assert isinstance(outcome, Outcome)
            json.dumps(dict(outcome.row), allow_nan=False)
            assert not RESERVED & outcome.row.keys()

    def test_names_the_files_that_it_wrote(
        self, step: Step, radiographs: list[Radiograph], tmp_path: Path
    ) -> None:
        """All written files are named, lie beside the stem and begin with it, even if it contains a dot."""
        jobs = self.jobs(radiographs, tmp_path)
        for job, outcome in zip(jobs, step(jobs), strict=True):
            assert sorted(outcome.files) == sorted(job.stem.parent.iterdir())
            assert all(path.name.startswith(job.stem.name) for path in outcome.files)

    def test_does_the_same_again(
        self, step: Step, radiographs: list[Radiograph], kwargs: dict[str, Any], tmp_path: Path
    ) -> None:
        """Another instance writes the same bytes, so that a continued pass equals an uninterrupted one."""
        again: Step = self.registry.create(self.plugin, **kwargs)
        found = []
        for which, name in ((step, "first"), (again, "second")):
            outcomes = which(self.jobs(radiographs, tmp_path / name))
            files = {path.name: path.read_bytes() for outcome in outcomes for path in outcome.files}
            found.append((files, [dict(outcome.row) for outcome in outcomes]))
        assert found[0] == found[1]

    def test_finishes_from_the_rows_alone(
        self, step: Step, radiographs: list[Radiograph], tmp_path: Path
    ) -> None:
        """`finish` needs only the rows, including one of an unreadable file, and the files it names exist."""
        outcomes = step(self.jobs(radiographs, tmp_path))
        about = {"code": "", "reason": "", "outputs": {}}
        rows: list[dict[str, Any]] = [
            {"input": f"{number}.png", "status": outcome.status, **about, **outcome.row}
            for number, outcome in enumerate(outcomes)
        ]
        bad = {"input": "bad.png", "status": "failed", "code": "damaged", "reason": "is cut", "outputs": {}}
        output = tmp_path / "output"
        output.mkdir()
        written = step.finish([*rows, {**bad, **step.unread()}], output)
        assert sorted(written) == sorted(output.iterdir())
