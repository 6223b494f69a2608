"""Weights into a network: wrappers' prefixes are taken off, weights that do not fit are named shortly."""

import logging
from pathlib import Path

import pytest
import torch
from torch.optim.swa_utils import AveragedModel

from cxrtk import CheckpointError
from cxrtk.models.weights import bare, differences, load_weights, prefix_of

PATH = Path("runs/a/best.pt")
pytestmark = pytest.mark.filterwarnings("ignore:.*script_method.*:DeprecationWarning")  # of torch.compile


class Net(torch.nn.Module):
    """Two layers; `width` makes another network of it."""

    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(1, width, 3)
        self.last = torch.nn.Conv2d(width, 1, 1)


class Wrapper(torch.nn.Module):
    """As many projects have one."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.model = network


WRAPPERS = {
    "DataParallel": (torch.nn.DataParallel, "module."),
    "torch.compile": (torch.compile, "_orig_mod."),
    "a wrapper": (Wrapper, "model."),
    "two of them": (lambda network: Wrapper(torch.nn.DataParallel(network)), "model.module."),
    "an average": (AveragedModel, "module."),
}


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("key", ["model", None])
def test_a_prefix_of_all_names_is_taken_off_with_a_note(caplog, name, key):
    """Whatever saved them, in a checkpoint or as a bare state dict."""
    wrap, prefix = WRAPPERS[name]
    saved, network = Net(), Net()
    state = wrap(saved).state_dict()
    with caplog.at_level(logging.WARNING):
        load_weights(network, state if key is None else {key: state}, PATH)
    assert all(torch.equal(network.state_dict()[each], value) for each, value in saved.state_dict().items())
    assert f"{PATH}: the names of its weights begin with '{prefix}', which was taken off" in caplog.text


def test_weights_without_a_prefix_are_loaded_in_silence(caplog):
    """Also into a wrapped network, whose inner one is meant."""
    saved = Net()
    for network in (Net(), torch.nn.DataParallel(Net()), torch.compile(Net())):
        with caplog.at_level(logging.INFO):
            load_weights(network, {"model": saved.state_dict()}, PATH)
        assert torch.equal(bare(network).first.weight, saved.first.weight)
    assert caplog.text == ""


def test_another_network_is_one_short_line():
    """The first three differences with both shapes, and how many more."""
    with pytest.raises(CheckpointError) as caught:
        load_weights(Net(3), {"model": Net(4).state_dict()}, PATH)
    assert str(caught.value) == (
        f"{PATH}: belongs to a different network than this Net: "
        "first.weight is (3, 1, 3, 3) here and (4, 1, 3, 3) there; first.bias is (3,) here and (4,) there; "
        "last.weight is (1, 3, 1, 1) here and (1, 4, 1, 1) there."
    )
    with pytest.raises(CheckpointError) as caught:
        load_weights(Net(), {f"net.{n}.weight": torch.zeros(1) for n in range(500)}, PATH)
    assert str(caught.value).endswith("last.weight is (1, 3, 1, 1) here and missing there; 501 more.")
    assert len(str(caught.value)) < 400


def test_a_network_is_unchanged_by_weights_that_do_not_fit():
    """Nothing is loaded in part."""
    network = Net()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    given = {**Net().state_dict(), "more": torch.zeros(1)}
    with pytest.raises(CheckpointError, match=r"more is missing here and \(1,\) there\.$"):
        load_weights(network, {"model": given}, PATH)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


@pytest.mark.parametrize("state", [{"net": {}, "epoch": 1}, {"model": {}}, {"model": None}, {}])
def test_a_file_without_weights(state):
    """The keys that are there."""
    with pytest.raises(CheckpointError, match=r"best\.pt: has no 'model'; available: "):
        load_weights(Net(), state, PATH)


def test_values_that_are_no_tensors():
    """As of a checkpoint of something else."""
    given = {**Net().state_dict(), "last.bias": 3}
    assert differences(Net().state_dict(), given) == ["last.bias is (1,) here and a int there"]


@pytest.mark.parametrize(
    ("names", "wanted", "prefix"),
    [
        (["a.b.c", "a.b.d"], ["c", "d"], "a.b."),
        (["a.b.c", "a.b.d"], ["b.c", "b.d"], "a."),
        (["a.c", "a.d"], ["a.c", "a.d"], ""),
        (["a.c", "b.d"], ["c", "d"], ""),  # not of all names
        (["a.c", "a.d", "e"], ["c", "d"], ""),
        ([], ["c"], ""),
    ],
)
def test_a_prefix_is_what_all_names_have_more(names, wanted, prefix):
    """Up to a dot, so that the rest are the network's own names."""
    assert prefix_of(names, wanted) == prefix
