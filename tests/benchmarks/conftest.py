"""The scripts of benchmarks/, which are in no package, as modules."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="session")
def load_benchmark():
    """A function: a script's name -> its module. The folder stays on the path: scripts import one another."""
    sys.path.append(str(FOLDER))
    yield importlib.import_module
    sys.path.remove(str(FOLDER))
