"""The progress bar: the loss beside it on a terminal, nothing in a file."""

import io

import pytest
import torch
from ignite.engine import Engine

from cxrtk.training import Progress


class Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, loss: bool) -> str:
    """Return what three iterations print to stderr."""
    monkeypatch.setattr("sys.stderr", stream)
    engine = Engine(lambda _, batch: [{"loss": torch.tensor(0.25)}] * 2 if loss else [{}])
    Progress("train", loss=loss).attach(engine)
    engine.run([0, 1, 2], max_epochs=1)
    return stream.getvalue()


def test_a_terminal_shows_the_iterations_and_the_loss(monkeypatch):
    """Name, iterations done, and the loss of the batch's first item, which is the batch's loss."""
    shown = run(Terminal(), monkeypatch, loss=True)
    assert "train" in shown and "[2/3]" in shown and "loss=0.25" in shown


def test_an_engine_without_loss_has_a_bar_too(monkeypatch):
    """Validation has none; its bar has no number beside it."""
    shown = run(Terminal(), monkeypatch, loss=False)
    assert "train" in shown and "loss" not in shown


def test_a_file_stays_empty(monkeypatch):
    """No bar among the lines of a log."""
    assert run(io.StringIO(), monkeypatch, loss=True) == ""
