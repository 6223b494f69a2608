"""The small model; one cache for all tests, since conversions take seconds, or an empty one."""

import pytest

from cxrtk.models.model_file import read_model
from tests.small_model import model_file, network, spec

__all__ = ["cache", "default_cache", "kept_cache", "layer", "model", "model_file", "network", "spec"]


@pytest.fixture(scope="session")
def kept_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def default_cache(monkeypatch, kept_cache):
    monkeypatch.setenv("CXRTK_CACHE", str(kept_cache))
    monkeypatch.delenv("CXRTK_BACKEND", raising=False)
    monkeypatch.delenv("CXRTK_PRECISION", raising=False)


@pytest.fixture
def cache(monkeypatch, tmp_path, default_cache):
    """An empty cache of one test."""
    monkeypatch.setenv("CXRTK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def model(model_file):
    return read_model(model_file)


@pytest.fixture
def layer(model):
    """The deepest one."""
    return max(dict(model.network.named_modules()), key=lambda name: (name.count("submodule"), -len(name)))
