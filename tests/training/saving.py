"""Two checkpoints, one of cxrtk and one of torch, and how contents are compared."""

from pathlib import Path

import pytest
import torch

from cxrtk.training import checkpoints


def state() -> dict:
    """A network's weights and what else a training has."""
    generator = torch.Generator().manual_seed(3)
    weights = {f"layer{n}.weight": torch.rand(4, 5, generator=generator) for n in range(4)}
    return {"model": weights, "progress": {"epoch": 7, "best_metric": 0.25, "best_epoch": 0}}


def same(one: object, other: object) -> bool:
    """Equal to the last bit, containers and tensors alike."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(one[k], other[k]) for k in one)
        )
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    return type(one) is type(other) and one == other


@pytest.fixture
def saved(tmp_path) -> Path:
    """A checkpoint of ours."""
    checkpoints.save(state(), tmp_path / "checkpoint_epoch=7.pt")
    return tmp_path / "checkpoint_epoch=7.pt"


@pytest.fixture
def foreign(tmp_path) -> Path:
    """One that torch wrote, which has no checksum but those of the zip format."""
    torch.save(state(), tmp_path / "foreign.pt")
    return tmp_path / "foreign.pt"
