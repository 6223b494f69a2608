"""The choice of a backend: the fastest sound one, timed once; what cannot run is refused in one line."""

import json

import pytest
import torch

from cxrtk import ConfigError
from cxrtk.models.backends import choice
from cxrtk.models.backends.choice import check_backend, installed, load_backend
from cxrtk.models.backends.soundness import UnsoundError
from cxrtk.models.backends.torch_backend import TorchBackend

CPU = torch.device("cpu")


class Other(TorchBackend):
    """A second library, as fast as told."""

    forgotten = 0

    def __init__(self, model, layer, precision):
        super().__init__(model, layer, precision, CPU)
        self.name = "openvino"

    def forget(self):
        type(self).forgotten += 1


@pytest.fixture
def two(monkeypatch, cache):
    """A machine with torch and one more library; a dict of the seconds that each takes."""
    seconds = {"torch": 2.0, "openvino": 1.0}
    timed = []
    monkeypatch.setattr(choice, "CONVERTED", {"openvino": Other})
    monkeypatch.setattr(choice, "installed", lambda: ["torch", "openvino"])
    monkeypatch.setattr(choice, "_missing", lambda name: [])
    monkeypatch.setattr(choice, "version", lambda package: "1.0")
    monkeypatch.setattr(
        choice, "_seconds", lambda backend, _: timed.append(backend.name) or seconds[backend.name]
    )
    return seconds, timed


@pytest.mark.parametrize(("faster", "slower"), [("torch", "openvino"), ("openvino", "torch")])
def test_auto_takes_the_fastest(model, two, faster, slower):
    """Timed on this machine, three batches each."""
    two[0].update({faster: 1.0, slower: 2.0})
    assert load_backend(model, "auto").name == faster
    assert sorted(two[1]) == ["openvino"] * 3 + ["torch"] * 3


def test_it_is_timed_once(model, two):
    """The second command reads the result, so that both compute the same."""
    load_backend(model, "auto")
    two[0].update(torch=0.1)
    assert load_backend(model).name == "openvino"
    assert len(two[1]) == 6


def test_threads_are_timed_apart(model, two):
    """A backend may win with one and lose with more."""
    load_backend(model, "auto")
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(before + 1)
        load_backend(model, "auto")
    finally:
        torch.set_num_threads(before)
    assert len(two[1]) == 12


def test_an_unsound_one_is_passed_over(model, two, monkeypatch, caplog):
    """With a warning; asked for by name it is an error, and its program is forgotten."""

    def refuse(backend, model):
        raise UnsoundError("--backend openvino: it computes other probabilities")

    monkeypatch.setattr(choice, "require_sound", refuse)
    monkeypatch.setattr(Other, "forgotten", 0)
    assert load_backend(model, "auto").name == "torch"
    assert "other probabilities" in caplog.text
    assert Other.forgotten == 1
    with pytest.raises(UnsoundError):
        load_backend(model, "openvino")


def test_with_torch_alone_nothing_is_timed(model, monkeypatch, cache):
    """Nor written."""
    monkeypatch.setattr(choice, "installed", lambda: ["torch"])
    assert load_backend(model, "auto").name == "torch"
    assert not cache.exists()


def test_the_environment_names_the_default(model, two, monkeypatch):
    """A name in the call goes before it."""
    monkeypatch.setenv("CXRTK_BACKEND", "torch")
    assert load_backend(model).name == "torch"
    assert load_backend(model, "openvino").name == "openvino"


@pytest.mark.parametrize(
    ("name", "precision", "device", "said"),
    [
        ("tensorflow", "auto", "cpu", "no such backend; use auto, torch, openvino, onnxruntime"),
        ("torch", "int8", "cpu", "use auto, fp32, bf16"),
        ("openvino", "auto", "cuda", "runs on CPUs only"),
        ("onnxruntime", "bf16", "cpu", "ONNX Runtime does not support it"),
    ],
)
def test_what_cannot_run_is_refused(name, precision, device, said, monkeypatch):
    """In one line, before anything is loaded."""
    monkeypatch.setattr(choice, "_missing", lambda name: [])
    with pytest.raises(ConfigError, match=said):
        check_backend(name, precision, torch.device(device))


@pytest.mark.parametrize("name", ["openvino", "onnxruntime"])
def test_what_is_not_installed_is_named_with_its_extra(name, monkeypatch):
    """All its packages that are missing."""
    monkeypatch.setattr("importlib.util.find_spec", lambda package: None)
    with pytest.raises(ConfigError, match=rf"{name}.*not installed; pip install 'cxrtk\[{name}\]'"):
        check_backend(name, "auto", CPU)
    assert installed() == ["torch"]


@pytest.mark.parametrize("has", [True, False])
def test_auto_precision_is_bf16_where_it_passes(model, monkeypatch, has):
    """Asked for by name, it is refused where it would be emulated."""
    monkeypatch.setattr(choice, "cpu_has_bf16", lambda: has)
    assert load_backend(model, "torch").precision == "fp32"
    assert choice._precision("openvino", "auto", CPU) == ("bf16" if has else "fp32")
    if not has:
        with pytest.raises(ConfigError, match="this CPU does not support it"):
            load_backend(model, "torch", "bf16")


def test_the_times_are_written_in_seconds(model, two, cache):
    """By backend, for whoever wonders."""
    load_backend(model, "auto")
    (path,) = cache.rglob("seconds.json")
    assert json.loads(path.read_text()) == two[0]
