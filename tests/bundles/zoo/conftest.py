"""Exported bundles, and a Python that has MONAI and everything else, but no cxrtk."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.apps.environment import make_environment
from cxrtk.bundles.zoo import write_bundle
from tests.conftest import Ended


@pytest.fixture(scope="session")
def zoo_bundle(made_once) -> Path:
    """The shipped model as a bundle, with the steps of cxrtk."""
    made = made_once("zoo", lambda folder: write_bundle("lungs", folder / "lung_cxr", standalone=True))
    return made / "lung_cxr"


@pytest.fixture(scope="session")
def small_bundle(made_once, lung_model) -> Path:
    """A small network of one class as a bundle, without scripts."""
    made = made_once("small_zoo", lambda folder: write_bundle(str(lung_model), folder / "small"))
    return made / "small"


@pytest.fixture(scope="session")
def without_cxrtk(made_once) -> Callable[..., Ended]:
    """A function that runs a Python of its own: ``without_cxrtk(folder, "-m", "monai.bundle", ...)``.

    The venv has a link to each package that is installed here, but for cxrtk and its plugins.
    """
    python = made_once("without_cxrtk", make_environment) / "bin" / "python"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CXRTK"))}

    def run(folder: Path, *arguments: object) -> Ended:
        ended = subprocess.run(
            [python, *map(str, arguments)], cwd=folder, env={**kept, "OMP_NUM_THREADS": "1"},
            capture_output=True, text=True, timeout=900,
        )  # fmt: skip
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    assert run(python.parent, "-c", "import monai, sys; sys.exit('cxrtk' in sys.modules)").code == 0
    assert "No module named 'cxrtk'" in run(python.parent, "-c", "import cxrtk").err
    return run
