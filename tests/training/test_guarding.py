"""What a bundle's first and last step do to the process."""

import signal
import sys
from typing import Any

import pytest

from cxrtk import ConfigError
from cxrtk.training import open_run, record
from cxrtk.training.guarding import finish, guard_process

pytestmark = pytest.mark.usefixtures("process_as_it_was")


def handlers() -> tuple[object, ...]:
    return sys.excepthook, signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)


def test_a_run_that_goes_well_leaves_the_process_as_it_was(tmp_path, monkeypatch):
    """Guarded in between; its record says that it is complete."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)  # a library may have set its own before
    before = handlers()
    guard_process()
    during = handlers()
    assert all(one != other for one, other in zip(before, during, strict=True))
    run_dir = open_run("runs", "tiny", "a")
    assert record.read(tmp_path / "runs" / "a")["status"] == "running"
    finish(run_dir)
    assert record.read(tmp_path / "runs" / "a")["status"] == "complete"
    assert handlers() == before


@pytest.mark.parametrize(("rank", "error"), [("0", ConfigError), ("1", SystemExit)])
def test_several_processes_without_a_group(monkeypatch, rank, error):
    """As of torchrun: the first tells it, the others end in silence, all with the same exit code."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", rank)
    with pytest.raises(error) as caught:
        guard_process()
    if rank == "0":
        assert "2 processes were started (WORLD_SIZE)" in str(caught.value)
        assert caught.value.exit_code == 2
    else:
        assert caught.value.code == 2


class Parser:
    """MONAI's parser, as far as it is looked at."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def get(self) -> dict[str, Any]:
        return self.content


class ConfigWorkflow:
    """As far as it is looked at: MONAI's class of that name, with its parser."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.parser = Parser(content)

    def initialize(self) -> None:
        guard_process()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"device": "@where", "where": "cuda:99"}, "--device cuda:99: this machine has"),
        ({"max_epochs": 1, "val_interval": 2}, "val_interval: 2 is more than max_epochs"),
    ],
)
def test_the_settings_are_looked_at_first(config, said):
    """This also holds for MONAI's own command, which does not lint."""
    with pytest.raises(ConfigError, match=said):
        ConfigWorkflow(config).initialize()


def test_a_config_with_a_group_is_for_several_processes(monkeypatch):
    """Its own steps make the group."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    ConfigWorkflow({"initialize": ["$torch.distributed.init_process_group('gloo')"]}).initialize()
