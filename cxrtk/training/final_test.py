"""Test result of a run: one log line and one file, with the labels and checkpoint used."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events

from cxrtk.data.atomic import write_json
from cxrtk.training.processes import is_first, sum_of_all

FILE = "test_metrics.json"  # in the folder of a run

logger = logging.getLogger(__name__)


class TestReport:
    """Write ``test_metrics.json`` when the test engine has finished.

    Args:
        output_dir: Folder of the run.
        truth: Description of the labels, such as ``human masks, heart excluded``.
        checkpoint: Path of the tested weights.
    """

    __test__ = False  # pytest: not a test class

    def __init__(self, output_dir: str, truth: str, checkpoint: str) -> None:
        self.output_dir = Path(output_dir)
        self.truth = truth
        self.checkpoint = checkpoint
        self._images = 0

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._iteration)
        engine.add_event_handler(Events.COMPLETED, self._completed)

    def _start(self, engine: Engine) -> None:
        self._images = 0

    def _iteration(self, engine: Engine) -> None:
        output: Any = engine.state.output  # a list, one dict per image
        self._images += len(output)

    def _completed(self, engine: Engine) -> None:
        device = getattr(engine.state, "device", "cpu")
        self._images = int(sum_of_all(torch.tensor(self._images, device=device)))
        if not is_first():
            return
        report = {
            "metrics": {name: float(value) for name, value in engine.state.metrics.items()},
            "images": self._images,
            "truth": self.truth,
            "resolution": "original size",
            "checkpoint": self.checkpoint,
        }
        path = write_json(self.output_dir / FILE, report, indent=2)
        numbers = ", ".join(f"{name} {value:.4f}" for name, value in engine.state.metrics.items())
        logger.info(
            "Test (%d images at original size, against %s): %s; written to %s",
            self._images, self.truth, numbers, path,
        )  # fmt: skip
