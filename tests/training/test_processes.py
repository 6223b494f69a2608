"""Meeting, parting and adding up of the processes of a training."""

import gc
import logging
import os
import sys

import pytest
import torch

from cxrtk.errors import ConfigError
from cxrtk.training.processes import (
    device_of_process,
    is_first,
    join_processes,
    parallel,
    processes,
    processes_of_machine,
    sum_of_all,
)
from tests.ranks import passed, start


def test_a_process_alone_needs_no_group():
    """A single process wraps, adds and waits for nothing."""
    join_processes("cpu")
    network = torch.nn.Conv2d(1, 1, 1)
    assert is_first() and processes() == processes_of_machine() == 1
    assert parallel(network, "cpu") is network
    assert sum_of_all(torch.tensor([1.0, 2.0])).tolist() == [1.0, 2.0]


def test_two_add_up_and_train_one_network(tmp_path):
    """Weights begin as those of the first, and gradients are the mean of both."""

    def work() -> None:
        rank = torch.distributed.get_rank()
        assert is_first() == (rank == 0) and processes() == processes_of_machine() == 2
        assert sum_of_all(torch.tensor(rank + 1)).item() == 3
        torch.manual_seed(rank)
        network = parallel(torch.nn.Linear(2, 1), "cpu")
        network(torch.full((1, 2), rank + 1.0)).sum().backward()
        torch.save([p.detach() for p in network.parameters()], tmp_path / f"{rank}.pt")
        assert next(network.parameters()).grad.tolist() == [[1.5, 1.5]]

    passed(start(work, tmp_path))
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_a_batch_norm_on_cpus_is_warned_of(tmp_path):
    """Its statistics are of each process apart."""

    def work() -> None:
        logging.basicConfig(stream=sys.stderr, force=True)
        parallel(torch.nn.BatchNorm2d(2), "cpu")

    ended = start(work, tmp_path)
    passed(ended)
    assert "use the images of each process separately" in ended.said


def test_each_process_has_a_gpu_of_its_own(monkeypatch):
    """The GPU is chosen by the local rank."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert device_of_process() == torch.device("cuda", 3)


def test_processes_that_cannot_meet(monkeypatch):
    """One line says why."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(ConfigError, match=r"cannot meet: .*start it by torchrun"):
        join_processes("cpu")


class Unreachable:
    """An object that only the garbage collector ends; a file then has the number of the process."""

    def __init__(self, folder) -> None:
        self.folder, self.itself = folder, self

    def __del__(self) -> None:
        (self.folder / f"ended.{os.getpid()}").touch()


def test_what_earlier_tests_left_is_not_ended_by_the_start_of_processes(tmp_path):
    """Neither in this process nor in a child that collects garbage; afterwards it is, in this process."""
    gc.disable()
    try:
        Unreachable(tmp_path)
        passed(start(gc.collect, tmp_path, join=False))
        assert list(tmp_path.glob("ended.*")) == []
    finally:
        gc.enable()
    gc.collect()
    assert [path.name for path in tmp_path.glob("ended.*")] == [f"ended.{os.getpid()}"]
