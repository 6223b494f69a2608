"""The small model, and a cache of its own for each test."""

import pytest

from cxrtk.models.model_file import read_model
from tests.small_model import model_file, network, spec

__all__ = ["cache", "layer", "model", "model_file", "network", "spec"]


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CXRTK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CXRTK_BACKEND", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def model(model_file):
    return read_model(model_file)


@pytest.fixture
def layer(model):
    """The deepest one."""
    return max(dict(model.network.named_modules()), key=lambda name: (name.count("submodule"), -len(name)))
