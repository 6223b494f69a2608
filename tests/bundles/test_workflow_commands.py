"""MONAI's `run_workflow`, `create_workflow`, `init_bundle` and ``--tracking`` beside the shipped configs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cxrtk import phantom
from cxrtk.bundles import shipped

SCRIPT = Path(__file__).with_name("monai_workflow_commands.py")
ABSENT = """
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "mlflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent())
"""  # mlflow cannot be imported, as where it is not installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Eight phantoms."""
    return phantom.write_nih(tmp_path_factory.mktemp("workflows") / "data", count=8, size=64)


def ended(folder: Path, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh Python in a folder."""
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=1000,
    )  # fmt: skip


def test_monais_commands_about_workflows_succeed(data, tmp_path):
    """Each builds, trains or begins what it says; see `monai_workflow_commands`."""
    found = ended(tmp_path, SCRIPT, data, PYTHONPATH=str(Path(__file__).parents[2]))
    assert found.returncode == 0, found.stderr[-2000:]


def test_tracking_by_mlflow_without_mlflow_is_one_line(data, tmp_path):
    """It names the extra; exit code 2, and no traceback."""
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "sitecustomize.py").write_text(ABSENT)
    words = ("--config_file", shipped()["unet_cxr"], "--dataset_dir", data, "--image_size", 64)
    found = ended(
        tmp_path,
        "-m",
        "monai.bundle",
        "run",
        *words,
        "--tracking",
        "mlflow",
        PYTHONPATH=str(tmp_path / "without"),
    )
    assert found.returncode == 2 and "Traceback" not in found.stderr
    assert found.stderr.splitlines()[-1] == (
        "cxrtk: error: needs the package mlflow, which is not installed: pip install 'cxrtk[mlflow]'"
    )
