"""The small model, for all tests of this room."""

from tests.small_model import model_file, network, spec

__all__ = ["model_file", "network", "spec"]
